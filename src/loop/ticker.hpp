#pragma once

#include <chrono>
#include <functional>

#include "loop/readiness.hpp"
#include "system/sockets.hpp"

namespace chopin::loop {

/// Calls at regular intervals, on the thread that runs the rounds of its Readiness. Intervals that went by
/// while that thread was busy or stopped are left out: they must not count against whoever is being waited
/// for.
class Ticker final : public ReadinessTarget {
 public:
  /// Throws std::system_error.
  Ticker(Readiness& readiness, std::function<void()> on_tick);

  /// The first call comes after one interval. Throws std::system_error.
  void start(std::chrono::nanoseconds interval);

 private:
  void on_ready(Events events) override;

  system::Descriptor timer_;
  std::function<void()> on_tick_;
};

}  // namespace chopin::loop
