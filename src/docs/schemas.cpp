#include "docs/schemas.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include <fmt/core.h>

#include "json/rules.hpp"

namespace chopin::docs {
namespace {

using json::Kind;
using json::Rules;
using json::Type;

bool is_word_character(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

bool has_name(const Type& type) noexcept {
  return type.kind == Kind::object || type.kind == Kind::enumeration;
}

/// `bound` is that of a 64-bit integer at most.
void write_integer(JsonWriter& out, long double bound) {
  if (bound < 0)
    out.value(static_cast<std::int64_t>(bound));
  else
    out.value(static_cast<std::uint64_t>(bound));
}

void write_integer_bounds(JsonWriter& out, const Type& type, const Rules& rules) {
  const auto [least, most] = json::bounds_of_integer(type, rules);
  write_integer(out.key("minimum"), std::ceil(least));
  write_integer(out.key("maximum"), std::floor(most));
}

void write_number_bounds(JsonWriter& out, const Rules& rules) {
  if (std::isfinite(rules.least)) out.member("minimum", static_cast<double>(rules.least));
  if (std::isfinite(rules.most)) out.member("maximum", static_cast<double>(rules.most));
}

void write_text_rules(JsonWriter& out, const Rules& rules) {
  if (rules.least_length > 0) out.member("minLength", rules.least_length);
  if (rules.most_length != unlimited) out.member("maxLength", rules.most_length);
  if (rules.pattern != nullptr) out.member("pattern", rules.pattern);
  switch (rules.format) {
    case json::Format::any: break;
    case json::Format::email: out.member("format", "email"); break;
    case json::Format::uuid: out.member("format", "uuid"); break;
  }
}

std::string_view type_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::boolean: return "boolean";
    case Kind::signed_integer:
    case Kind::unsigned_integer: return "integer";
    case Kind::number: return "number";
    case Kind::object: return "object";
    case Kind::array: return "array";
    case Kind::text:
    case Kind::date:
    case Kind::date_time:
    case Kind::enumeration:
    case Kind::optional: break;
  }
  return "string";
}

/// What stands beside the type.
void write_rules(JsonWriter& out, const Type& type, const Rules& rules) {
  switch (type.kind) {
    case Kind::signed_integer:
    case Kind::unsigned_integer: return write_integer_bounds(out, type, rules);
    case Kind::number: return write_number_bounds(out, rules);
    case Kind::text: return write_text_rules(out, rules);
    case Kind::date: out.member("format", "date"); return;
    case Kind::date_time: out.member("format", "date-time"); return;
    case Kind::boolean:
    case Kind::enumeration:
    case Kind::object:
    case Kind::array:
    case Kind::optional: return;
  }
}

void write_enumeration(JsonWriter& out, const Type& type) {
  out.begin_object().member("type", "string").key("enum").begin_array();
  for (const json::EnumValue& value : type.values) out.value(value.name);
  out.end_array().end_object();
}

}  // namespace

std::string component_name(std::string_view spelled) {
  std::string name;
  std::size_t word = 0;  // where the current identifier began
  for (std::size_t i = 0; i < spelled.size(); ++i) {
    for (const std::string_view anonymous : {"{anonymous}", "(anonymous namespace)"}) {  // g++'s and clang's
      if (spelled.substr(i).starts_with(anonymous)) i += anonymous.size();
    }
    const char c = spelled[i];
    if (c == ':') {
      name.resize(word);  // it was a namespace
    } else if (is_word_character(c)) {
      name += c;
    } else {
      if (!name.empty() && name.back() != '_') name += '_';
      word = name.size();
    }
  }
  while (name.ends_with('_')) name.pop_back();
  return name.empty() ? "Unnamed" : name;
}

const std::string& Schemas::name_of(const Type& type) {
  const auto [found, is_new] = names_.try_emplace(&type);
  if (!is_new) return found->second;
  const std::string wanted = component_name(type.name);
  std::string name = wanted;
  for (unsigned number = 2; !names_taken_.insert(name).second; ++number)
    name = fmt::format("{}{}", wanted, number);
  unwritten_.push_back(&type);
  return found->second = name;
}

void Schemas::write_reference(JsonWriter& out, const Type& type) {
  out.begin_object().member("$ref", "#/components/schemas/" + name_of(type)).end_object();
}

void Schemas::write_optional(JsonWriter& out, const Type& type, const Rules& rules) {
  const Type& inner = *type.inner;
  if (has_name(inner) || inner.kind == Kind::array || inner.kind == Kind::optional) {
    out.begin_object().key("anyOf").begin_array();
    write(out, inner, rules);
    out.begin_object().member("type", "null").end_object().end_array().end_object();
    return;
  }
  out.begin_object().key("type").begin_array().value(type_name(inner.kind)).value("null").end_array();
  write_rules(out, inner, rules);
  out.end_object();
}

void Schemas::write(JsonWriter& out, const Type& type, const Rules& rules) {
  if (has_name(type)) return write_reference(out, type);
  if (type.kind == Kind::optional) return write_optional(out, type, rules);
  out.begin_object().member("type", type_name(type.kind));
  if (type.kind == Kind::array) {
    write(out.key("items"), *type.inner, rules);
    if (rules.least_items > 0) out.member("minItems", rules.least_items);
    out.member("maxItems", rules.most_items);
  }
  write_rules(out, type, rules);
  out.end_object();
}

void Schemas::write_object(JsonWriter& out, const Type& type) {
  out.begin_object().member("type", "object").key("properties").begin_object();
  for (const json::ObjectMember& member : type.members) {
    write(out.key(member.name), *member.type, member.rules);
  }
  out.end_object();
  if (type.required != 0) {
    out.key("required").begin_array();
    for (const json::ObjectMember& member : type.members) {
      if (member.is_required) out.value(member.name);
    }
    out.end_array();
  }
  out.member("additionalProperties", type.ignores_others).end_object();
}

void Schemas::write_named(JsonWriter& out) {
  while (!unwritten_.empty()) {
    const Type& type = *unwritten_.front();
    unwritten_.pop_front();
    out.key(name_of(type));
    if (type.kind == Kind::enumeration)
      write_enumeration(out, type);
    else
      write_object(out, type);
  }
}

}  // namespace chopin::docs
