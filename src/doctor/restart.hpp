#pragma once

#include <string>

#include "cli/sources.hpp"

namespace chopin::doctor {

/// The command that starts the server with the flags that were given, and those changed that it names. What
/// variables and files say stays in force, but a flag beats it.
std::string restart_with(const cli::Flags& changed, cli::Flags given);

}  // namespace chopin::doctor
