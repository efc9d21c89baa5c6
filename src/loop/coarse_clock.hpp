#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "chopin/loop_task.hpp"
#include "loop/event_handler.hpp"
#include "system/descriptor.hpp"

namespace chopin::loop {

class DeadlineQueue;
class EventLoop;

/// Something that a coarse clock calls at each tick.
class TickHandler {
 public:
  virtual void on_tick() noexcept = 0;

 protected:
  ~TickHandler() = default;
};

/// A loop's coarse clock, for what need not be exact and must be cheap: the deadlines of connections and the
/// Date. Ticks that pass while the loop's thread is busy or stopped are skipped: that time must not count
/// against the clients.
///
/// Of the deadlines that expire in one tick a part is handled in each round, so that the connections that
/// stay are served in between.
class CoarseClock final : public EventHandler, private Task {
 public:
  static constexpr std::chrono::milliseconds tick{500};

  /// Does not tick before `start`. Throws std::system_error.
  explicit CoarseClock(EventLoop& loop);

  /// The first tick comes after one interval. Throws std::system_error.
  void start(std::chrono::nanoseconds interval = tick);
  /// Ticks so far.
  [[nodiscard]] std::uint32_t now() const noexcept { return now_; }
  /// `handler` is called at each tick, before deadlines expire. It must outlive the last tick.
  void add(TickHandler& handler) { handlers_.push_back(&handler); }
  /// Makes one tick. The timer calls it.
  void advance() noexcept;

 private:
  friend class DeadlineQueue;

  void on_events(Events events) noexcept override;
  void run() noexcept override { expire(); }
  void expire() noexcept;

  EventLoop& loop_;
  system::Descriptor timer_;
  std::uint32_t now_ = 0;
  std::vector<TickHandler*> handlers_;
  std::vector<DeadlineQueue*> queues_;
};

}  // namespace chopin::loop
