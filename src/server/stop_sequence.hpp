#pragma once

#include <chrono>
#include <cstdint>

#include "server/launcher.hpp"

namespace chopin::server {

/// How a stop ended, or whether it is still under way.
enum class StopState : std::uint8_t {
  serving,   ///< nobody has asked for one
  stopping,  ///< workers still run
  ended,     ///< all workers have ended
  overdue,   ///< the bound is over, and handlers still run
  hurried,   ///< a second after the second wish handlers still run
};

/// Stops a launcher's workers, step by step. At the wish to stop they drain. A worker that a handler blocks
/// does not hear it: 200 ms later its listening socket is closed for it, and all others drain without it.
/// The drain timeout and two seconds after the wish whatever still runs is given up. A second wish cuts all
/// connections, and gives up after a second.
///
/// One act of stopping often sends several signals: Ctrl-C reaches a shell and the server, and the shell
/// forwards it; `timeout` signals its child and then the group. So wishes within a second of one that has
/// counted do not count.
///
/// If a step is late by half a second or more, the process stood still (SIGSTOP, a frozen cgroup), and the
/// workers have not had their time either: it begins anew.
///
/// Thread safety: one thread, that of the launcher.
/// Lifetime: must not outlive the launcher.
/// Throws: nothing, and allocates nothing.
class StopSequence {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds until_abandoned{200};
  static constexpr std::chrono::seconds beyond_drain{2};
  static constexpr std::chrono::seconds between_wishes{1};
  static constexpr std::chrono::seconds beyond_cut{1};
  static constexpr std::chrono::milliseconds standstill{500};

  explicit StopSequence(Launcher& launcher) noexcept : launcher_(launcher) {}

  /// Somebody wants the server to stop.
  void wish(TimePoint now) noexcept;
  /// Does what is due. To be called whenever a worker may have ended, and at `next_step`.
  StopState advance(TimePoint now) noexcept;
  /// When `advance` has something to do; TimePoint::max() before the first wish.
  [[nodiscard]] TimePoint next_step() const noexcept { return next_step_; }

 private:
  void begin(TimePoint now) noexcept;

  Launcher& launcher_;
  int wishes_ = 0;  // that have counted
  bool listens_ = true;
  TimePoint last_wish_;
  TimePoint abandon_at_ = TimePoint::max();
  TimePoint bound_ = TimePoint::max();
  TimePoint next_step_ = TimePoint::max();
};

/// Stops the launcher's workers as after one wish, and waits. False if handlers still run at the bound.
bool stop(Launcher& launcher) noexcept;

}  // namespace chopin::server
