#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "loop/event_handler.hpp"
#include "loop/task_list.hpp"

namespace chopin::loop {

class EventLoop;

/// Keeps those whose work takes long from holding up all others of a loop.
///
/// Usually it only reads the time now and then. Once the loop has been kept busy for longer than a round
/// should take, it watches: each owner's work is a turn, which is measured, and ends when its share of the
/// time is used up. The next turns of an owner whose turn took long wait for the end of a round
/// (`EventLoop::run_after_others`); so do those of unknown owners once the round has taken long. At
/// the end of a round some of them have their turns, first come, first served, and one in any case. Watching
/// ends a second or two after the last turn that took long, or when nobody has had to wait for a while.
///
/// Time is that of the CPU's time-stamp counter, which one instruction reads instead of the 60 of the
/// system's clock, and is not converted: that it counts 2 to 4 thousand million in a second is exact enough.
///
/// Thread safety: the loop's thread.
/// Lifetime: the loop's.
/// Throws: nothing.
class FairTurns final : private Task {
 public:
  using Ticks = std::uint64_t;

  struct Limits {
    Ticks turn;   ///< the share of each owner; and of all that wait for the end of a round together
    Ticks round;  ///< of what does not wait
    Ticks watch;  ///< how long it goes on watching
  };
  /// 125 to 250 microseconds, 1 to 2 milliseconds, 1 to 2 seconds.
  static constexpr Limits usual{.turn = 500'000, .round = 4'000'000, .watch = 4'000'000'000};

  /// Who waits for the end of a round.
  enum class Cost : std::uint8_t {
    unknown,  ///< comes first, as a rule
    high,
  };

  explicit FairTurns(EventLoop& loop) noexcept : loop_(loop) {}

  // For the owners of work.

  /// Whether the owner of what is done now should let others go first.
  [[nodiscard]] bool is_turn_over() noexcept {
    const Ticks time = now();
    if (time - since_ < (is_watching_ ? limits_.turn : limits_.round)) [[likely]]
      return false;
    if (!is_watching_) watch(time);
    return true;
  }
  [[nodiscard]] bool is_watching() const noexcept { return is_watching_; }
  /// Does `work` of `owner`, which may be deleted by it. To be called only while this watches.
  template <class Work>
  void take_turn(EventHandler& owner, Work work) noexcept {
    owner_ = &owner;
    since_ = now();
    work();
    const Ticks time = now();
    const Ticks taken = time - since_;
    const Ticks shares = taken < limits_.turn ? 0 : taken / std::max(limits_.turn, Ticks{1});
    if (shares > 0) last_long_ = time;
    if (EventHandler* const left = std::exchange(owner_, nullptr)) left->on_turn_end(shares);
  }

  // For the loop.

  /// Work begins that is not measured by its owners' turns.
  void begin() noexcept { since_ = now(); }
  /// Begins to watch if what has begun has taken too long.
  void look() noexcept { static_cast<void>(is_turn_over()); }
  /// Runs tasks until the time of a round is used up.
  void run_tasks(TaskList& tasks) noexcept;
  /// While this watches: the handlers of events get their turns from now on.
  void begin_dispatch(std::size_t ready) noexcept;
  void dispatch(EventHandler& handler, Events events) noexcept {
    const bool round_is_long = now() - dispatch_begin_ >= limits_.round;
    if (handler.puts_off(events, round_is_long)) return;
    take_turn(handler, [&] { handler.on_events(events); });
  }
  void forget(const EventHandler& handler) noexcept {
    if (owner_ == &handler) owner_ = nullptr;
  }
  /// See `EventLoop::run_after_others`.
  void add(Task& task, Cost cost) noexcept;
  /// Discards the tasks that wait.
  void discard_all() noexcept;
  /// For tests.
  void set_limits(Limits limits) noexcept { limits_ = limits; }

 private:
  void run() noexcept override;
  void run_waiting() noexcept;
  void watch(Ticks time) noexcept;

  [[gnu::always_inline]] static Ticks now() noexcept {
#ifdef __x86_64__
    return __builtin_ia32_rdtsc();
#else
    constexpr Ticks each_nanosecond = 2;
    const std::chrono::nanoseconds time = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<Ticks>(time.count()) * each_nanosecond;
#endif
  }

  EventLoop& loop_;
  Limits limits_ = usual;
  Ticks since_ = now();  // the turn has been taken, or work begun
  Ticks dispatch_begin_ = 0;
  Ticks last_long_ = 0;
  EventHandler* owner_ = nullptr;  // of the turn; null once it is deleted
  TaskList unknown_;
  TaskList costly_;
  unsigned passed_rounds_ = 0;  // in which more was ready than fits in a batch
  unsigned lone_rounds_ = 0;    // one after the other, in which nobody had to wait for anybody
  bool is_watching_ = false;
  bool costly_first_ = false;  // there was no time for them
  bool is_round_end_ = false;  // when it runs next
};

}  // namespace chopin::loop
