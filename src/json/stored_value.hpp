#pragma once

#include <cstdint>
#include <string_view>

#include "chopin/json_type.hpp"

/// Values of a client on their way into a struct. Each function stores one of the type's kind, or returns
/// false if the type cannot hold it or a rule is broken.
namespace chopin::json {

bool store_signed(std::int64_t number, const Type& type, const Rules& rules, void* into) noexcept;
bool store_unsigned(std::uint64_t number, const Type& type, const Rules& rules, void* into) noexcept;
bool store_number(double number, const Type& type, const Rules& rules, void* into) noexcept;
/// A text, a date, a date_time or the name of an enumeration's value. `text` is UTF-8.
bool store_text(std::string_view text, const Type& type, const Rules& rules, void* into);

}  // namespace chopin::json
