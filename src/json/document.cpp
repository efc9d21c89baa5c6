#include "json/document.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <new>
#include <utility>

#include "json/grammar.hpp"
#include "json/spare_memory.hpp"
#include "text/utf8.hpp"

namespace chopin::json {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t most_bytes =
    std::numeric_limits<std::uint32_t>::max() - simdjson::SIMDJSON_PADDING;  // simdjson counts in 32 bits

bool has_sound_escapes(std::string_view text) noexcept {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    const std::size_t size = escape_size(text.substr(at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

/// A token ends where simdjson found the next one. simdjson has already checked that a string is closed and
/// is UTF-8 without control characters.
bool is_scalar(std::string_view token) noexcept {
  if (token.starts_with('"')) return has_sound_escapes(token);
  while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
  if (token.empty()) return false;
  return token == "true" || token == "false" || token == "null" || number_size(token) == token.size();
}

/// A reference token of a JSON Pointer: `~1` stands for `/`, `~0` for `~` (RFC 6901 section 4).
std::string unescaped(std::string_view token) {
  std::string name;
  for (std::size_t at = 0; at < token.size(); ++at) {
    const std::string_view escape = token.substr(at, 2);
    const bool is_escape = escape == "~0" || escape == "~1";
    name += escape == "~1" ? '/' : token[at];
    if (is_escape) ++at;
  }
  return name;
}

std::optional<ondemand::value> find_member(ondemand::object object, std::string_view name) {
  for (ondemand::field field : object) {
    if (unescaped_name(field).value() == name) return field.value();
  }
  return std::nullopt;
}

std::optional<ondemand::value> find_element(ondemand::array array, std::string_view token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  if (token.size() > 1 && token.starts_with('0')) return std::nullopt;  // RFC 6901 section 4
  for (ondemand::value element : array) {
    if (index-- == 0) return element;
  }
  return std::nullopt;
}

std::optional<ondemand::value> find_child(ondemand::value parent, std::string_view name) {
  switch (parent.type().value()) {
    case ondemand::json_type::object: return find_member(parent.get_object(), name);
    case ondemand::json_type::array: return find_element(parent.get_array(), name);
    default: return std::nullopt;
  }
}

/// A string must be consumed: an iterator that skips one accepts `["a":1]` as an array.
bool consume_scalar(ondemand::value value, std::string_view token) {
  if (token.starts_with('"') && value.get_raw_json_string().error() != simdjson::SUCCESS) return false;
  return is_scalar(token);
}

}  // namespace

std::unique_ptr<Document>& Document::spare() noexcept {
  static thread_local std::unique_ptr<Document> document;
  return document;
}

std::unique_ptr<Document, RecycleDocument> Document::take() {
  Document* const document = spare().release();
  return std::unique_ptr<Document, RecycleDocument>(document != nullptr ? document : new Document);
}

void Document::give_back_spare(std::size_t most) noexcept {
  if (spare() != nullptr && spare()->text_.capacity() > most) spare() = nullptr;
}

void give_back_spare_memory() noexcept {
  constexpr std::size_t most_kept = std::size_t{64} * 1024;
  Document::give_back_spare(most_kept);
}

void RecycleDocument::operator()(Document* document) const noexcept {
  constexpr std::size_t most_kept = std::size_t{1} << 20;
  std::unique_ptr<Document> owned(document);
  if (owned->text_.capacity() <= most_kept) Document::spare() = std::move(owned);
}

bool Document::begin(std::string_view text) {
  if (text.size() > most_bytes) return false;
  text_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  text_.assign(text).append(simdjson::SIMDJSON_PADDING, '\0');
  // Plus one level for the root, and one because simdjson counts from 1.
  if (parser_.capacity() < text.size() &&
      parser_.allocate(std::min(std::bit_ceil(text.size()), parser_.max_capacity()), max_nesting + 2) !=
          simdjson::SUCCESS) {
    throw std::bad_alloc();
  }
  const simdjson::padded_string_view padded(text_.data(), text.size(), text_.size());
  // Newer versions of simdjson skip a byte order mark, with which a text may not begin (RFC 8259
  // section 8.1).
  return !text.starts_with(text::byte_order_mark) && parser_.iterate(padded).get(json_) == simdjson::SUCCESS;
}

JsonFault Document::load(std::string_view text) {
  JsonFault fault = find_fault(text);
  // Refused by simdjson but no fault found: still refuse. The fuzzer looks for such a text.
  if (fault.reason.empty() && !begin(text)) fault.reason = "unreadable";
  return fault;
}

/// Not recursive, because the client chooses the depth.
bool Document::walk(ondemand::value container) {
  open_.clear();
  if (!enter(container)) return false;
  while (!open_.empty()) {
    if (!std::visit([this](auto& place) { return visit(place); }, open_.back())) return false;
  }
  return true;
}

bool Document::pass(ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  if (token.starts_with('[') || token.starts_with('{')) return walk(value);
  return consume_scalar(value, token);
}

bool Document::enter(ondemand::value container) {
  if (open_.size() == max_nesting) return false;
  ondemand::array_iterator element;
  ondemand::object_iterator member;
  if (container.type().value() == ondemand::json_type::array) {
    if (container.get_array().begin().get(element) != simdjson::SUCCESS) return false;
    open_.emplace_back(element);
  } else {
    if (container.get_object().begin().get(member) != simdjson::SUCCESS) return false;
    open_.emplace_back(member);
  }
  return true;
}

bool Document::visit(ondemand::array_iterator& element) {
  if (element == ondemand::array_iterator{}) return leave();
  ondemand::value value;
  return (*element).get(value) == simdjson::SUCCESS && visit_value(value);
}

bool Document::visit(ondemand::object_iterator& member) {
  if (member == ondemand::object_iterator{}) return leave();
  ondemand::field field;
  if ((*member).get(field) != simdjson::SUCCESS) return false;
  // What lies between name and value, a quote, white space and a colon, holds no escape.
  const char* const name = field.key().raw();
  const char* const value = field.value().raw_json_token().data();
  return has_sound_escapes({name, value}) && visit_value(field.value());
}

bool Document::visit_value(ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  if (token.starts_with('[') || token.starts_with('{')) return enter(value);
  if (!consume_scalar(value, token)) return false;
  advance();
  return true;
}

bool Document::leave() {
  open_.pop_back();
  if (!open_.empty()) advance();
  return true;
}

/// An error here is reported by the next visit.
void Document::advance() {
  std::visit([](auto& place) { ++place; }, open_.back());
}

std::optional<ondemand::value> Document::root() {
  json_.rewind();
  ondemand::value value;
  if (json_.get_value().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::string_view Document::from(const char* place) const noexcept {
  return {place, text_.data() + text_.size() - simdjson::SIMDJSON_PADDING};
}

std::optional<ondemand::value> Document::find(std::string_view name) {
  std::optional<ondemand::value> value = root();
  if (!value) return value;
  if (!name.starts_with('/')) return find_child(*value, name);
  while (value && !name.empty()) {
    name.remove_prefix(1);
    const std::string_view token = name.substr(0, name.find('/'));
    value = find_child(*value, unescaped(token));
    name.remove_prefix(token.size());
  }
  return value;
}

}  // namespace chopin::json
