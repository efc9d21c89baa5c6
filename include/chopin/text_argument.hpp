#pragma once

#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace chopin {

/// A text that is passed to a function: whatever converts to a std::string_view, but a null pointer, which
/// std::getenv and C libraries return, throws instead of being undefined behaviour.
///
/// Thread safety: immutable.
/// Lifetime: a view of the text.
/// Throws: std::invalid_argument from the constructor.
class TextArgument {
 public:
  constexpr TextArgument() noexcept = default;
  // Implicit, as the conversions to std::string_view are.
  // NOLINTBEGIN(google-explicit-constructor, hicpp-explicit-conversions)
  constexpr TextArgument(const char* text) : view_(text != nullptr ? std::string_view(text) : refused()) {}
  template <class Text>
    requires(!std::convertible_to<const Text&, const char*>) &&
            std::convertible_to<const Text&, std::string_view>
  constexpr TextArgument(const Text& text) : view_(text) {}
  constexpr TextArgument(const char* bytes, std::size_t size) noexcept : view_(bytes, size) {}

  constexpr operator std::string_view() const noexcept { return view_; }
  // NOLINTEND(google-explicit-constructor, hicpp-explicit-conversions)

 private:
  [[noreturn]] static std::string_view refused() { throw std::invalid_argument("a text is a null pointer"); }

  std::string_view view_;
};

}  // namespace chopin
