#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "harness/raw_client.hpp"

namespace chopin::test {

/// Whether the condition becomes true within `patience`. Polls it.
template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Sends the signal ten times a second until the server's log has the text; more often would leave the server
/// no time between them. False if that is too late.
template <class Server>
bool signal_until_it_logs(Server& server, int number, std::string_view text) {
  auto next = std::chrono::steady_clock::now();
  return eventually([&] {
    if (std::chrono::steady_clock::now() >= next) {
      server.signal(number);
      next += std::chrono::milliseconds(100);
    }
    return server.err().find(text) != std::string::npos;
  });
}

}  // namespace chopin::test
