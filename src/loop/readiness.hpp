#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>
#include <vector>

#include "system/sockets.hpp"

namespace chopin::loop {

/// Someone who owns a descriptor and wants to know when it can be read or written.
class ReadinessTarget {
 public:
  /// What epoll(7) says of the descriptor.
  class Events {
   public:
    explicit Events(std::uint32_t bits) noexcept : bits_(bits) {}

    [[nodiscard]] bool readable() const noexcept { return has(EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR); }
    [[nodiscard]] bool writable() const noexcept { return has(EPOLLOUT | EPOLLHUP | EPOLLERR); }
    /// FIN or reset: reading on will reach the end.
    [[nodiscard]] bool peer_finished() const noexcept { return has(EPOLLRDHUP | EPOLLHUP | EPOLLERR); }
    /// Reset, or closed in both directions.
    [[nodiscard]] bool broken() const noexcept { return has(EPOLLHUP | EPOLLERR); }

   private:
    [[nodiscard]] bool has(std::uint32_t any) const noexcept { return (bits_ & any) != 0; }

    std::uint32_t bits_;
  };

  virtual void on_ready(Events events) = 0;
  /// The turn asked for with Readiness::take_turn has come.
  virtual void on_turn() {}
  /// One of the above has thrown. The target must be forgotten or left in order.
  virtual void on_failure() noexcept {}

 protected:
  ~ReadinessTarget() = default;
};

/// All that a worker waits for, in one edge-triggered epoll set. An Asio socket is not told whether a read
/// has emptied it, so before each wait it tries another one that fails; it reports no FIN; and Asio pays for
/// a wakeup with three system calls. Here a request costs one recv and one send, and a batch of ready
/// connections one epoll_wait.
class Readiness {
 public:
  /// Throws std::system_error.
  Readiness();

  /// From now on `target` hears when `fd` becomes readable: whenever more bytes or the end have come. Returns
  /// an errno value, 0 on success. Closing the descriptor ends it.
  [[nodiscard]] int watch(int fd, ReadinessTarget& target) noexcept;
  /// The same for what a worker cannot do without. Throws std::system_error.
  void require_watch(int fd, ReadinessTarget& target);
  /// Of a descriptor that is watched: and when it becomes writable again.
  [[nodiscard]] int watch_writable_too(int fd, ReadinessTarget& target) noexcept;
  /// Makes sure that this many targets can wait for their turn at once. Throws std::bad_alloc.
  void make_room(std::size_t targets);
  /// Calls the target in the next round. It must not wait for its turn already.
  void take_turn(ReadinessTarget& target) noexcept { turns_.push_back(&target); }
  [[nodiscard]] bool has_turns() const noexcept { return !turns_.empty(); }
  /// Must be called before a target goes.
  void forget(const ReadinessTarget& target) noexcept;

  /// Gives everyone who waits for a turn theirs, and tells those that are ready. Waits for one unless there
  /// was a turn to give.
  void run_round() noexcept { run_round(forever); }
  /// The same without waiting. False: there was nothing to do.
  bool poll_round() noexcept { return run_round(0); }
  /// What a round does with one that is ready.
  static void tell(ReadinessTarget& target, ReadinessTarget::Events events) noexcept;
  /// Of the set itself, which is readable when one of those in it is ready.
  [[nodiscard]] int native_handle() const noexcept { return epoll_.get(); }

 private:
  static constexpr int forever = -1;

  bool run_round(int timeout) noexcept;
  void run_turns() noexcept;
  bool dispatch_batch(int timeout) noexcept;
  template <class Call>
  static void guarded(ReadinessTarget& target, Call call) noexcept;

  static constexpr std::size_t batch_size = 64;

  system::Descriptor epoll_;
  std::array<epoll_event, batch_size> batch_{};
  std::size_t batch_at_ = 0;
  std::size_t batch_end_ = 0;
  std::vector<ReadinessTarget*> turns_;   // for the next round
  std::vector<ReadinessTarget*> served_;  // of this round
};

}  // namespace chopin::loop
