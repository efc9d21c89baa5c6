#include "app/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace chopin::app {

std::int64_t to_integer(std::string_view text, const IntegerRange& range) noexcept {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(
      text.data(), end, number);  // NOLINT(bugprone-suspicious-stringview-data-usage): the end is given
  if (stop != end || error == std::errc::invalid_argument) return range.otherwise;
  if (error == std::errc::result_out_of_range) return text.front() == '-' ? range.least : range.most;
  return std::clamp(number, range.least, range.most);
}

std::int64_t integer_parameter(const Request& request, std::string_view name, const IntegerRange& range) {
  const auto value = request.query_value(name);
  return value ? to_integer(*value, range) : range.otherwise;
}

}  // namespace chopin::app
