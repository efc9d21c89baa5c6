#pragma once

#include <chrono>
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

}  // namespace chopin::test
