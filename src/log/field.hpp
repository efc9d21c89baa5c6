#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>

namespace chopin::log {

template <class Number>
concept Whole = std::integral<Number> && !std::same_as<Number, bool> && !std::same_as<Number, char>;

/// A named value of a log line: {"status", 200}. Its texts must outlive the call that logs it.
struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double> value;

  Field(std::string_view field_name, std::string_view text) noexcept : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) noexcept
      : name(field_name), value(std::string_view(text)) {}
  Field(std::string_view field_name, double number) noexcept : name(field_name), value(number) {}
  template <Whole Number>
  Field(std::string_view field_name, Number number) noexcept : name(field_name) {
    if constexpr (std::is_signed_v<Number>)
      value = std::int64_t{number};
    else
      value = std::uint64_t{number};
  }
};

}  // namespace chopin::log
