#pragma once

#include <chrono>
#include <csignal>

namespace chopin::system {

/// Receives the signals that ask the process to stop: SIGINT and SIGTERM; SIGQUIT and SIGHUP, unless they are
/// ignored or the program has a handler for them. SIGUSR1 and SIGUSR2 do nothing meanwhile, unless the
/// program uses them. The signals get handlers, and no thread blocks them: a program that a request handler
/// starts begins with the default action again, whereas it would inherit a mask.
///
/// SIGINT, SIGTERM and SIGQUIT are unblocked on the thread that constructs this, and on those it starts from
/// then on, for the parent may have blocked them. The destructor restores mask and actions.
///
/// Several may exist at once: each counts all signals.
///
/// Thread safety: one thread, that of the constructor, except for `Waker`.
/// Throws: only the constructor.
class StopSignals {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Slot;

  /// Ends a wait early. From any thread; may outlive the StopSignals, and then does nothing useful.
  class Waker {
   public:
    explicit Waker(Slot& slot) noexcept : slot_(&slot) {}
    void operator()() const noexcept;

   private:
    Slot* slot_;
  };

  /// Throws std::system_error if the kernel refuses a descriptor, std::runtime_error if there are 16 already.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signals so far. Signals of one kind that come in quick succession may count as one.
  [[nodiscard]] unsigned count() const noexcept;
  /// Waits for a signal, the waker or the time, whichever comes first. A signal that came since the last
  /// wait ends it at once.
  void wait_until(TimePoint time) noexcept;
  [[nodiscard]] Waker waker() const noexcept { return Waker(slot_); }

 private:
  Slot& slot_;
  sigset_t mask_before_{};
};

/// SIGPIPE does nothing from now on, unless the program ignores or handles it: a handler that writes to a
/// pipe or socket without a reader gets EPIPE. Programs that it starts have the default action.
void disarm_sigpipe() noexcept;

}  // namespace chopin::system
