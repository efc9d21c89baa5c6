#pragma once

#include <cstdint>
#include <ostream>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {

struct Runtime {
  Mode mode;
  std::uint32_t workers;
};

inline std::ostream& operator<<(std::ostream& out, const Runtime& runtime) {
  return out << to_string(runtime.mode) << " with " << runtime.workers;
}

class ConnectionLimit : public testing::TestWithParam<Runtime> {
 protected:
  static Config at_most(std::uint32_t connections) {
    Config config = test_config();
    config.mode = GetParam().mode;
    config.workers = GetParam().workers;
    config.max_connections = connections;
    config.when_full = WhenFull::wait;
    return config;
  }
};

inline void serve(RawClient& client) {
  client.send(get_json);
  EXPECT_EQ(client.read_response().status, 200);
}

/// A client that cannot be spared: a request is under way.
inline void begin_request(RawClient& client) {
  client.send(get_json + "GET /js");  // at once: it is never idle
  EXPECT_EQ(client.read_response().status, 200);
}

}  // namespace chopin::test
