#pragma once

#include <string>
#include <string_view>

#include "chopin/server.hpp"

namespace chopin::cli {

/// What the server prints on stdout once it has started. `allocator`: the one in use, with its version.
std::string banner(const Server& server, std::string_view allocator);

/// The output of --version. `response_class`: see VersionWanted.
std::string version_text(std::string_view response_class, std::string_view allocator);

}  // namespace chopin::cli
