#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "chopin/config.hpp"

namespace chopin::connection {

/// What a connection is waiting for, and thereby which timeout bounds it.
enum class Wait : std::uint8_t {
  head,     ///< the first request, or the rest of a head: header timeout
  body,     ///< more of a body: body timeout
  handler,  ///< a handler that answers later: as long as it takes
  idle,     ///< the next request: idle timeout
  write,    ///< the peer to read: write timeout
  linger,   ///< the peer to close after the last answer
};
inline constexpr std::size_t wait_count = 6;

class Deadlines;

/// A member of exactly one waiting list.
class Waiter {
 public:
  Waiter() noexcept = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  [[nodiscard]] Wait waits_for() const noexcept { return wait_; }

 private:
  friend class Deadlines;

  Waiter* previous_ = this;
  Waiter* next_ = this;
  std::uint32_t since_ = UINT32_MAX;  // tick; at first none that the clock reaches
  Wait wait_ = Wait::head;
};

/// The deadlines of a worker's connections, on its coarse clock. All that wait for the same thing may take
/// equally long, so each list stays in order when a restarted wait goes to its end: O(1), and a connection
/// busy within one tick pays a comparison.
class Deadlines {
 public:
  explicit Deadlines(const Timeouts& timeouts) noexcept;
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  /// Starts, or starts again, what the connection waits for.
  void wait(Waiter& waiter, Wait wait) noexcept {
    if (waiter.since_ == now_ && waiter.wait_ == wait) [[likely]]
      return;
    remove(waiter);
    waiter.since_ = now_;
    append(waiter, wait);
  }

  static void remove(Waiter& waiter) noexcept {
    waiter.previous_->next_ = waiter.next_;
    waiter.next_->previous_ = waiter.previous_;
    waiter.previous_ = waiter.next_ = &waiter;
  }

  /// One tick on. Calls `expire` for each connection whose time is over; it must end the connection, move it
  /// to another list or start its wait again.
  template <class Expire>
  void advance(Expire expire) {
    ++now_;
    for (std::size_t i = 0; i < wait_count; ++i) {
      Waiter& list = lists_[i];
      while (list.next_ != &list && now_ - list.next_->since_ >= allowed_[i]) expire(*list.next_);
    }
  }

  /// Calls `visit` for every connection; it may end the connection it is given, and no other.
  template <class Visit>
  void for_each(Visit visit) {
    for (Waiter& list : lists_) {
      for (Waiter* waiter = list.next_; waiter != &list;) {
        Waiter& current = *waiter;
        waiter = waiter->next_;
        visit(current);
      }
    }
  }

 private:
  void append(Waiter& waiter, Wait wait) noexcept {
    Waiter& list = lists_[static_cast<std::size_t>(wait)];
    waiter.wait_ = wait;
    waiter.previous_ = list.previous_;
    waiter.next_ = &list;
    list.previous_->next_ = &waiter;
    list.previous_ = &waiter;
  }

  std::array<Waiter, wait_count> lists_;
  std::array<std::uint32_t, wait_count> allowed_{};  // ticks
  std::uint32_t now_ = 0;
};

/// Ticks after which a wait has certainly lasted `timeout`, and at most one tick longer.
std::uint32_t ticks_of(std::chrono::milliseconds timeout) noexcept;

}  // namespace chopin::connection
