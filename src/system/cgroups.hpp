#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace chopin::system {

/// Calls `visit` with the folder of each cgroup that may limit this process, from its own group up to the
/// root, in version 2 and in version 1 of the `controller`. `root` is prefixed to /proc; the folder is
/// without it.
void for_each_cgroup(const std::string& root, std::string_view controller,
                     const std::function<void(const std::string& folder)>& visit);

/// nullopt if there is no such file.
std::optional<std::string> first_line_of(const std::string& path);

}  // namespace chopin::system
