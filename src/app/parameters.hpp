#pragma once

#include <cstdint>
#include <string_view>

#include "chopin/request.hpp"

namespace chopin::app {

/// The range of an integer in a query, and what it is without one.
struct IntegerRange {
  std::int64_t least;
  std::int64_t most;
  std::int64_t otherwise;
};

/// A text as an integer, moved into the range; `otherwise` for a text that is none. Leading zeros are fine,
/// and so is any number of digits.
std::int64_t to_integer(std::string_view text, const IntegerRange& range) noexcept;

/// The first value of this name in the query, as `to_integer` reads it. Unlike Form it refuses nothing: the
/// rules of the benchmarks want a response to every value.
std::int64_t integer_parameter(const Request& request, std::string_view name, const IntegerRange& range);

}  // namespace chopin::app
