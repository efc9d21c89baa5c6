#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include "server/completion.hpp"

namespace chopin::server {

/// Someone who owns a socket and wants to know when it can be read or written.
class ReadinessTarget {
 public:
  /// What epoll(7) says of the socket.
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
  virtual void on_turn() = 0;
  /// One of the above has thrown. The target must be forgotten or left in order.
  virtual void on_failure() noexcept = 0;

 protected:
  ~ReadinessTarget() = default;
};

/// A worker's connections in one edge-triggered epoll set, which the worker's io_context watches as a single
/// descriptor. An Asio socket is not told whether a read has emptied it, so before each wait it tries another
/// one that fails; and it reports no FIN. Here a request costs one recv and one send, and a batch of ready
/// connections one more wait.
class Readiness {
 public:
  /// Throws boost::system::system_error.
  explicit Readiness(boost::asio::io_context& io_context);

  /// From now on `target` hears when `fd` becomes readable: whenever more bytes or the end have come. Returns
  /// an errno value, 0 on success. Closing the descriptor ends it.
  [[nodiscard]] int watch(int fd, ReadinessTarget& target) noexcept;
  /// The same, and when it becomes writable again.
  [[nodiscard]] int watch_writable_too(int fd, ReadinessTarget& target) noexcept;
  /// Makes sure that this many targets can wait for their turn at once. Throws std::bad_alloc.
  void make_room(std::size_t targets);
  /// Calls the target after all others that are ready now. It must not wait for its turn already.
  void take_turn(ReadinessTarget& target) noexcept {
    turns_.push_back(&target);
    if (!is_dispatching_) wake();
  }
  /// Must be called before a target goes.
  void forget(const ReadinessTarget& target) noexcept;
  /// Nothing keeps the io_context running any more.
  void close();

 private:
  void wait();
  void on_wake(const boost::system::error_code& ec);
  void dispatch();
  void run_turns();
  bool dispatch_batch();
  void wake();
  void on_wake_for_turns();
  void start_next_round();
  template <class Call>
  void guarded(ReadinessTarget& target, Call call) noexcept;

  static constexpr std::size_t batch_size = 64;
  // Waiting again costs three calls, looking again one; but accepting and the tick must have their turn too.
  static constexpr int most_batches = 16;

  boost::asio::io_context& io_context_;
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> epoll_;
  std::array<epoll_event, batch_size> batch_{};
  std::size_t batch_at_ = 0;
  std::size_t batch_end_ = 0;
  std::vector<ReadinessTarget*> turns_;   // for the next round
  std::vector<ReadinessTarget*> served_;  // of this round
  bool is_dispatching_ = false;
  bool is_waking_ = false;
  OperationMemory operation_memory_;
  OperationMemory wake_memory_;
};

}  // namespace chopin::server
