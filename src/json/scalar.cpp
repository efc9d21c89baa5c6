#include "json/scalar.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

#include "json/stored_value.hpp"

namespace chopin::json {
namespace {

/// simdjson's value of this type, if it is one.
template <class Value, class Store>
bool read_as(simdjson::simdjson_result<Value>&& found, Store store, const Type& type, const Rules& rules,
             void* into) {
  Value value{};
  return std::move(found).get(value) == simdjson::SUCCESS && store(value, type, rules, into);
}

}  // namespace

bool read_scalar(simdjson::ondemand::value& value, const Type& type, const Rules& rules, void* into) {
  switch (type.kind) {
    case Kind::boolean: return value.get_bool().get(*static_cast<bool*>(into)) == simdjson::SUCCESS;
    case Kind::signed_integer: return read_as(value.get_int64(), store_signed, type, rules, into);
    case Kind::unsigned_integer: return read_as(value.get_uint64(), store_unsigned, type, rules, into);
    case Kind::number: return read_as(value.get_double(), store_number, type, rules, into);
    default: return read_as(value.get_string(), store_text, type, rules, into);
  }
}

}  // namespace chopin::json
