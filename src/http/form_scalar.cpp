#include "http/form_scalar.hpp"

#include <cstdint>

#include "http/form_pairs.hpp"
#include "json/rules.hpp"
#include "json/stored_value.hpp"
#include "text/utf8.hpp"

namespace chopin::http {
namespace {

using json::Kind;
using json::Type;

template <class Value, class Store>
bool read_as(std::string_view text, Store store, const Type& type, const json::Rules& rules, void* into) {
  Value value{};
  return parse_form_value(text, value) && store(value, type, rules, into);
}

}  // namespace

bool read_form_scalar(std::string_view text, const Type& type, const json::Rules& rules, void* into) {
  switch (type.kind) {
    case Kind::boolean: return parse_form_value(text, *static_cast<bool*>(into));
    case Kind::signed_integer: return read_as<std::int64_t>(text, json::store_signed, type, rules, into);
    case Kind::unsigned_integer: return read_as<std::uint64_t>(text, json::store_unsigned, type, rules, into);
    case Kind::number: return read_as<double>(text, json::store_number, type, rules, into);
    default: return text::valid_utf8_prefix(text) == text.size() && json::store_text(text, type, rules, into);
  }
}

std::string form_expectation(const Type& type, const json::Rules& rules) {
  return type.kind == Kind::boolean ? "must be true or false" : json::expectation(type, rules);
}

}  // namespace chopin::http
