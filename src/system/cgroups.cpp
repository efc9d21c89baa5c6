#include "system/cgroups.hpp"

#include <cstddef>
#include <fstream>

#include <fmt/core.h>

namespace chopin::system {

void for_each_cgroup(const std::string& root, std::string_view controller,
                     const std::function<void(const std::string& folder)>& visit) {
  const std::string wanted = fmt::format(",{},", controller);
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // hierarchy:controllers:path
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    const bool is_version_2 = controllers == ",,";
    if (!is_version_2 && controllers.find(wanted) == std::string::npos) continue;
    const std::string mount = is_version_2 ? "/sys/fs/cgroup" : fmt::format("/sys/fs/cgroup/{}", controller);
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      if (path == "/") path.clear();
      visit(mount + path);
      if (path.find('/') == std::string::npos) break;
    }
  }
}

std::optional<std::string> first_line_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace chopin::system
