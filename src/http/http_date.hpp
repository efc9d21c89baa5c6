#pragma once

#include <array>
#include <cstddef>
#include <ctime>
#include <string_view>

namespace chopin::http {

/// Length of an IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
inline constexpr std::size_t date_size = 29;

/// A `Date` field value: IMF-fixdate, RFC 9110 section 5.6.7.
class HttpDate {
 public:
  /// Seconds since 1970-01-01 00:00:00 UTC; years 1970 to 9999.
  explicit HttpDate(std::time_t seconds) noexcept;

  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), text_.size()}; }

 private:
  std::array<char, date_size> text_{};
};

}  // namespace chopin::http
