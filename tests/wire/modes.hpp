#pragma once

#include <cstdint>

#include "harness/live_server.hpp"

namespace chopin::test {

/// The settings that tests start from, in this mode.
inline Config in_mode(Mode mode) {
  Config config = test_config();
  config.mode = mode;
  return config;
}

inline Config standard(std::uint32_t workers) {
  Config config = test_config();
  config.mode = Mode::standard;
  config.workers = workers;
  return config;
}

}  // namespace chopin::test
