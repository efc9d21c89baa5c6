#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/server_process.hpp"

namespace chopin::test {

/// In performance mode, on a port that the kernel chooses.
inline ProcessOptions with_arguments(std::vector<std::string> arguments) {
  return {.arguments = std::move(arguments), .environment = {{"REUSEPORT", "true"}, {"SERVER_PORT", "0"}}};
}

}  // namespace chopin::test
