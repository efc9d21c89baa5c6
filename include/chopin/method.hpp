#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace chopin {

/// Request methods (RFC 9110 section 9, PATCH from RFC 5789). All others are `unknown`.
enum class Method : std::uint8_t { get, head, post, put, delete_, patch, options, connect, trace, unknown };

/// The methods a resource can implement, in the order in which `Allow` lists them.
inline constexpr Method implementable_methods[] = {
    Method::get, Method::head, Method::post, Method::put, Method::delete_, Method::patch, Method::options};

constexpr std::string_view to_string(Method method) noexcept {
  constexpr std::string_view names[] = {"GET",   "HEAD",    "POST",    "PUT",   "DELETE",
                                        "PATCH", "OPTIONS", "CONNECT", "TRACE", "unknown"};
  return names[static_cast<std::size_t>(method)];
}

/// CONNECT asks for a tunnel and TRACE for an echo of the request: no resource can implement them.
constexpr bool is_tunnel_or_echo(Method method) noexcept {
  return method == Method::connect || method == Method::trace;
}

/// A set of methods, as bits of an integer.
///
/// Thread safety: one thread at a time changes it; several may read.
/// Lifetime: a plain value.
/// Throws: std::bad_alloc from `allow`, otherwise nothing.
class MethodSet {
 public:
  constexpr MethodSet() = default;
  constexpr MethodSet(std::initializer_list<Method> methods) {
    for (const Method method : methods) insert(method);
  }

  constexpr void insert(Method method) noexcept { bits_ |= bit(method); }
  constexpr void insert(MethodSet others) noexcept { bits_ |= others.bits_; }
  [[nodiscard]] constexpr bool contains(Method method) const noexcept { return (bits_ & bit(method)) != 0; }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }

  /// The field value of `Allow` (RFC 9110 section 10.2.1): "GET, HEAD".
  [[nodiscard]] std::string allow() const {
    std::string list;
    for (const Method method : implementable_methods) {
      if (!contains(method)) continue;
      if (!list.empty()) list += ", ";
      list += to_string(method);
    }
    return list;
  }

 private:
  static constexpr std::uint16_t bit(Method method) noexcept {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(method));
  }

  std::uint16_t bits_ = 0;
};

}  // namespace chopin
