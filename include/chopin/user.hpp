#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace chopin {

/// Who sends a request, as checked by a guard: see guard.hpp.
///
/// Thread safety: immutable once a request has it; any threads at once.
/// Lifetime: owns its texts.
/// Throws: std::bad_alloc.
struct User {
  std::string id{};                    ///< the token's `sub`
  std::vector<std::string> roles{};    ///< the token's `roles`
  std::string token_id{};              ///< the token's `jti`; empty if it has none
  std::string family{};                ///< the token's `family`; empty if it has none
  std::chrono::sys_seconds expires{};  ///< from then on the token is refused

  [[nodiscard]] bool has_role(std::string_view role) const noexcept {
    return std::ranges::find(roles, role) != roles.end();
  }

  friend bool operator==(const User&, const User&) = default;
};

}  // namespace chopin
