#pragma once

#include <string>
#include <string_view>

#include "chopin/server.hpp"

namespace chopin::cli {

/// What the server says on stdout when it has started. `allocator`: the one in use, with its version.
std::string banner(const Server& server, std::string_view allocator);

/// The answer to --version. `response_class`: as VersionWanted has it.
std::string version_text(std::string_view response_class, std::string_view allocator);

}  // namespace chopin::cli
