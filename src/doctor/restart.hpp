#pragma once

#include <string>

#include "cli/sources.hpp"

namespace chopin::doctor {

/// The command that starts the server with the flags given, except for those in `changed`. Variables and
/// files stay in force, but a flag wins over them.
std::string restart_with(const cli::Flags& changed, cli::Flags given);

}  // namespace chopin::doctor
