#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <new>
#include <optional>
#include <variant>

#include <simdjson.h>

#include "chopin/error.hpp"
#include "chopin/json.hpp"
#include "json/grammar.hpp"
#include "text/utf8.hpp"

namespace chopin {
namespace {

namespace ondemand = simdjson::ondemand;

bool has_sound_escapes(std::string_view text) noexcept {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    const std::size_t size = json::escape_size(text.substr(at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

/// A token ends where simdjson found the next one. simdjson has already checked that a string is closed and
/// is UTF-8 without control characters.
bool is_scalar(std::string_view token) noexcept {
  if (token.starts_with('"')) return has_sound_escapes(token);
  while (!token.empty() && json::is_space(token.back())) token.remove_suffix(1);
  if (token.empty()) return false;
  return token == "true" || token == "false" || token == "null" || json::number_size(token) == token.size();
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

/// simdjson 3.1 to 3.9 require a parameter, which older versions do not have and newer ones need not be
/// given: whether half a surrogate pair is replaced. load() has refused such a text.
template <class Field>
std::string_view name_of(Field& field) {
  if constexpr (requires { field.unescaped_key(); }) {
    return field.unescaped_key().value();
  } else {
    return field.unescaped_key(false).value();
  }
}

std::optional<ondemand::value> find_member(ondemand::object object, std::string_view name) {
  for (ondemand::field field : object) {
    if (name_of(field) == name) return field.value();
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

template <class Value>
constexpr std::string_view type_fault = "must be a string";
template <>
constexpr std::string_view type_fault<bool> = "must be a boolean";
template <>
constexpr std::string_view type_fault<std::int64_t> = "must be an integer of 64 bits";
template <>
constexpr std::string_view type_fault<std::uint64_t> = "must be an unsigned integer of 64 bits";
template <>
constexpr std::string_view type_fault<double> = "must be a number";

}  // namespace

/// A copy of a text and simdjson's state for it.
class JsonObject::Document {
 public:
  /// Returns the thread's spare document, or a new one.
  static std::unique_ptr<Document, Recycle> take();
  static std::unique_ptr<Document>& spare() noexcept;

  /// The functions below need a load() that found no fault.
  JsonFault load(std::string_view text);

  [[nodiscard]] bool is_object() { return json_.type().value() == ondemand::json_type::object; }
  /// Finds a member by name or JSON Pointer.
  std::optional<ondemand::value> find(std::string_view name);
  [[nodiscard]] std::size_t capacity() const noexcept { return text_.capacity(); }

 private:
  using Place = std::variant<ondemand::array_iterator, ondemand::object_iterator>;

  bool is_sound();
  bool enter(ondemand::value container);
  bool visit(ondemand::array_iterator& element);
  bool visit(ondemand::object_iterator& member);
  bool visit_value(ondemand::value value);
  bool leave();
  void advance();

  std::string text_;  // with the padding that simdjson reads
  ondemand::parser parser_;
  ondemand::document json_;
  std::vector<Place> open_;  // the arrays and objects around the current place of is_sound()
};

std::unique_ptr<JsonObject::Document>& JsonObject::Document::spare() noexcept {
  static thread_local std::unique_ptr<Document> document;
  return document;
}

std::unique_ptr<JsonObject::Document, JsonObject::Recycle> JsonObject::Document::take() {
  Document* const document = spare().release();
  return std::unique_ptr<Document, Recycle>(document != nullptr ? document : new Document);
}

void JsonObject::Recycle::operator()(Document* document) const noexcept {
  constexpr std::size_t most_kept = std::size_t{1} << 20;
  std::unique_ptr<Document> owned(document);
  if (owned->capacity() <= most_kept) Document::spare() = std::move(owned);
}

JsonFault JsonObject::Document::load(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max() - simdjson::SIMDJSON_PADDING) {
    return {"longer than 4 GiB", 0};
  }
  text_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  text_.assign(text).append(simdjson::SIMDJSON_PADDING, '\0');
  // Plus one level for the root, and one because simdjson counts from 1.
  if (parser_.capacity() < text.size() &&
      parser_.allocate(std::min(std::bit_ceil(text.size()), parser_.max_capacity()), json::max_nesting + 2) !=
          simdjson::SUCCESS) {
    throw std::bad_alloc();
  }
  const simdjson::padded_string_view padded(text_.data(), text.size(), text_.size());
  // Newer versions of simdjson skip a byte order mark, with which a text may not begin (RFC 8259
  // section 8.1).
  if (!text.starts_with(text::byte_order_mark) && parser_.iterate(padded).get(json_) == simdjson::SUCCESS &&
      is_sound()) {
    return {};
  }
  JsonFault fault = json::find_fault(text);
  // Refused by simdjson but no fault found: still refuse. The fuzzer looks for such a text.
  if (fault.reason.empty()) fault.reason = "unreadable";
  return fault;
}

/// Walks the whole text, because On-Demand checks only what is asked for. Not recursive, because the client
/// chooses the depth.
bool JsonObject::Document::is_sound() {
  open_.clear();
  ondemand::value root;
  if (json_.get_value().get(root) != simdjson::SUCCESS) {
    const std::string_view token = json_.raw_json_token().value();
    const bool is_last =
        token.data() + token.size() == text_.data() + text_.size() - simdjson::SIMDJSON_PADDING;
    return is_last && is_scalar(token);
  }
  if (!enter(root)) return false;
  while (!open_.empty()) {
    if (!std::visit([this](auto& place) { return visit(place); }, open_.back())) return false;
  }
  return json_.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

bool JsonObject::Document::enter(ondemand::value container) {
  if (open_.size() == json::max_nesting) return false;
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

bool JsonObject::Document::visit(ondemand::array_iterator& element) {
  if (element == ondemand::array_iterator{}) return leave();
  ondemand::value value;
  return (*element).get(value) == simdjson::SUCCESS && visit_value(value);
}

bool JsonObject::Document::visit(ondemand::object_iterator& member) {
  if (member == ondemand::object_iterator{}) return leave();
  ondemand::field field;
  if ((*member).get(field) != simdjson::SUCCESS) return false;
  // What lies between name and value, a quote, white space and a colon, holds no escape.
  const char* const name = field.key().raw();
  const char* const value = field.value().raw_json_token().data();
  return has_sound_escapes({name, value}) && visit_value(field.value());
}

bool JsonObject::Document::visit_value(ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  if (token.starts_with('[') || token.starts_with('{')) return enter(value);
  // Consume a string here: an iterator that skips one accepts `["a":1]` as an array.
  if (token.starts_with('"') && value.get_raw_json_string().error() != simdjson::SUCCESS) return false;
  advance();
  return is_scalar(token);
}

bool JsonObject::Document::leave() {
  open_.pop_back();
  if (!open_.empty()) advance();
  return true;
}

/// An error here is reported by the next visit.
void JsonObject::Document::advance() {
  std::visit([](auto& place) { ++place; }, open_.back());
}

std::optional<ondemand::value> JsonObject::Document::find(std::string_view name) {
  json_.rewind();
  std::optional<ondemand::value> value = json_.get_value().value();
  if (!name.starts_with('/')) return find_child(*value, name);
  while (value && !name.empty()) {
    name.remove_prefix(1);
    const std::string_view token = name.substr(0, name.find('/'));
    value = find_child(*value, unescaped(token));
    name.remove_prefix(token.size());
  }
  return value;
}

// ---- Public functions. ----

JsonObject::JsonObject(TextArgument text) : document_(Document::take()) {
  const JsonFault fault = document_->load(text);
  if (!fault.reason.empty()) {
    throw HttpError(400,
                    "the body is not JSON: " + fault.reason + " at byte " + std::to_string(fault.offset));
  }
  if (!document_->is_object()) throw HttpError(422, "the body is no JSON object");
}

template <class Value>
JsonObject& JsonObject::read(std::string_view name, Value& value, bool is_required) {
  std::optional<ondemand::value> found = document_->find(name);
  if (!found) return is_required ? refuse(name, "is missing") : *this;
  if (!is_required && found->is_null().value()) return *this;
  if constexpr (std::same_as<Value, std::string>) {
    std::string_view text;
    if (found->get(text) != simdjson::SUCCESS) return refuse(name, type_fault<Value>);
    value = text;
  } else {
    if (found->get(value) != simdjson::SUCCESS) return refuse(name, type_fault<Value>);
  }
  inputs_.note_read(name);
  return *this;
}

template JsonObject& JsonObject::read(std::string_view, std::string&, bool);
template JsonObject& JsonObject::read(std::string_view, bool&, bool);
template JsonObject& JsonObject::read(std::string_view, std::int64_t&, bool);
template JsonObject& JsonObject::read(std::string_view, std::uint64_t&, bool);
template JsonObject& JsonObject::read(std::string_view, double&, bool);

JsonFault JsonObject::validate(TextArgument text) {
  return Document::take()->load(text);
}

}  // namespace chopin
