#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "loop/event_handler.hpp"
#include "system/descriptor.hpp"

namespace chopin::loop {

class DeadlineQueue;
class EventLoop;

/// Whoever does something at each tick.
class TickHandler {
 public:
  virtual void on_tick() noexcept = 0;

 protected:
  ~TickHandler() = default;
};

/// A loop's clock of coarse steps, for what need not be exact and must cost nothing: the deadlines of
/// connections, the Date. Ticks that pass while the loop's thread is busy or stopped are left out: they must
/// not count against whoever is being waited for.
class CoarseClock final : public EventHandler {
 public:
  static constexpr std::chrono::milliseconds tick{500};

  /// Stands still until `start`. Throws std::system_error.
  explicit CoarseClock(EventLoop& loop);

  /// The first tick comes after one interval. Throws std::system_error.
  void start(std::chrono::nanoseconds interval = tick);
  /// Ticks so far.
  [[nodiscard]] std::uint32_t now() const noexcept { return now_; }
  /// `handler` is called at each tick, before deadlines expire. It outlives the clock's last tick.
  void add(TickHandler& handler) { handlers_.push_back(&handler); }
  /// One tick on; the timer calls it.
  void advance() noexcept;

 private:
  friend class DeadlineQueue;

  void on_events(Events events) noexcept override;

  system::Descriptor timer_;
  std::uint32_t now_ = 0;
  std::vector<TickHandler*> handlers_;
  std::vector<DeadlineQueue*> queues_;
};

}  // namespace chopin::loop
