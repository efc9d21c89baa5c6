#pragma once

#include <string_view>

namespace chopin::auth {

/// What is wrong with a secret in the settings, without quoting it; empty if nothing. A control character is
/// probably the end of a line that nobody meant.
std::string_view fault_of_secret(std::string_view secret) noexcept;

}  // namespace chopin::auth
