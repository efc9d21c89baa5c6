#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <utility>

#include <boost/system/error_code.hpp>

#include "chopin/loop_task.hpp"
#include "loop/task_queue.hpp"
#include "system/name_lookup.hpp"

namespace chopin::loop {

/// A host that someone on a loop wants to know. Returns to the loop as a task.
///
/// Thread safety: none; the resolver's thread has it from `Resolver::add` until it is back.
/// Lifetime: shared by who asks and the resolver.
/// Throws: nothing.
class HostQuestion final : public Task, public std::enable_shared_from_this<HostQuestion> {
 public:
  /// Who asks. Called on the loop's thread.
  class Asker {
   public:
    virtual void on_found(system::HostAddresses found) noexcept = 0;

   protected:
    ~Asker() = default;
  };

  HostQuestion(std::string host, std::uint16_t port, Asker& asker, std::shared_ptr<TaskQueue> loop)
      : host_(std::move(host)), port_(port), asker_(&asker), loop_(std::move(loop)) {}

  /// The asker wants to know no more, and is not called. On the loop's thread.
  void withdraw() noexcept {
    asker_ = nullptr;
    is_withdrawn_.store(true, std::memory_order_relaxed);
  }

 private:
  friend class Resolver;

  void run() noexcept override;
  void discard() noexcept override;

  const std::string host_;
  const std::uint16_t port_;
  Asker* asker_;  // only the loop's thread reads and writes it
  const std::shared_ptr<TaskQueue> loop_;
  std::atomic<bool> is_withdrawn_ = false;
  system::HostAddresses found_;
  std::shared_ptr<HostQuestion> self_;  // while it waits in the loop's queue
};

/// Looks up hosts, one after the other, on a thread of its own, which starts with the first one, in a forked
/// child again. The thread is never waited for: a lookup can hang for minutes.
///
/// Thread safety: any thread.
/// Lifetime: its thread may outlive it, and ends after the lookup at hand.
/// Throws: std::bad_alloc from the constructor.
class Resolver {
 public:
  using LookUp = system::HostAddresses (*)(const std::string& host, std::uint16_t port) noexcept;
  static constexpr std::size_t most_waiting = 256;

  explicit Resolver(LookUp look_up) : shared_(std::make_shared<Shared>(look_up)) {}
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// The one of the process, which lasts as long as that.
  static Resolver& of_process();

  /// An error if it cannot be taken: asio::error::try_again if too many wait, or why no thread could start.
  /// The asker is not called then.
  boost::system::error_code add(std::shared_ptr<HostQuestion> question) noexcept;

 private:
  struct Shared {
    explicit Shared(LookUp function) noexcept : look_up(function) {}

    const LookUp look_up;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<HostQuestion>> waiting;  // under mutex
    pid_t thread_of = 0;                                // under mutex: the process that has the thread
    bool is_ended = false;                              // under mutex
  };

  static void start_thread(const std::shared_ptr<Shared>& shared);
  static void run(Shared& shared) noexcept;

  const std::shared_ptr<Shared> shared_;
};

}  // namespace chopin::loop
