#include "system/stop_signals.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <limits>
#include <mutex>
#include <poll.h>
#include <pthread.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace chopin::system {

/// What the signal handler writes to. Its event is opened once and never closed: the handler may run on any
/// thread at any time, and must not write to a descriptor that has become another file.
struct StopSignals::Slot {
  std::atomic<bool> is_taken = false;
  std::atomic<int> event = -1;
  std::atomic<unsigned> signals = 0;
};

namespace {

using Slot = StopSignals::Slot;

constexpr std::array stop_signals{SIGINT, SIGTERM, SIGQUIT, SIGHUP};
constexpr std::array reserved_signals{SIGUSR1, SIGUSR2};

struct SavedAction {
  int number = 0;
  struct sigaction action{};
};

// All of it is the process's, as are the signals.
// NOLINTBEGIN(*-avoid-non-const-global-variables)
constinit std::array<Slot, 16> slots;
constinit std::atomic<pid_t> owner = 0;  // a forked child has another id
constinit std::mutex mutex;              // for the rest
constinit std::size_t users = 0;
constinit std::array<SavedAction, stop_signals.size() + reserved_signals.size()> saved;
constinit std::size_t saved_count = 0;
// NOLINTEND(*-avoid-non-const-global-variables)

void wake(Slot& slot) noexcept {
  eventfd_write(slot.event.load(), 1);
}

void do_nothing(int /*number*/) noexcept {}

/// Uses async-signal-safe functions only.
void on_stop_signal(int number) noexcept {
  const int error = errno;
  if (getpid() != owner.load()) {  // a child between fork and exec: the signal is meant for it alone
    static_cast<void>(std::signal(number, SIG_DFL));
    static_cast<void>(raise(number));
  } else {
    for (Slot& slot : slots) {
      if (!slot.is_taken.load()) continue;
      ++slot.signals;
      wake(slot);
    }
  }
  errno = error;
}

/// SA_RESTART: a system call of a request handler, or of the log, must not fail because of a stop.
void install(int number, void (*handler)(int)) noexcept {
  struct sigaction action{};
  action.sa_handler = handler;  // NOLINT(cppcoreguidelines-pro-type-union-access): C's interface
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

bool has_default_action(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) == 0 &&
         action.sa_handler == SIG_DFL;  // NOLINT(cppcoreguidelines-pro-type-union-access)
}

void take_over(int number, void (*handler)(int), bool always) noexcept {
  SavedAction before{.number = number};
  sigaction(number, nullptr, &before.action);
  if (!always && !has_default_action(before.action)) return;
  saved.at(saved_count++) = before;
  install(number, handler);
}

void take_over_all() noexcept {
  owner = getpid();
  for (const int number : stop_signals) {
    take_over(number, on_stop_signal, number == SIGINT || number == SIGTERM);
  }
  for (const int number : reserved_signals) take_over(number, do_nothing, false);
}

void restore_all() noexcept {
  while (saved_count > 0) {
    const SavedAction& before = saved.at(--saved_count);
    sigaction(before.number, &before.action, nullptr);
  }
}

Slot& take_slot() {
  for (Slot& slot : slots) {
    if (slot.is_taken.load()) continue;
    if (slot.event.load() < 0) {
      const int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
      if (event < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
      slot.event = event;
    }
    slot.signals = 0;
    slot.is_taken = true;
    return slot;
  }
  throw std::runtime_error("too many servers wait for signals: at most 16 can in one process");
}

Slot& begin() {
  const std::lock_guard lock(mutex);
  Slot& slot = take_slot();
  if (users++ == 0) take_over_all();
  return slot;
}

/// In whole milliseconds, rounded up, so that a wait does not end before its time.
int milliseconds_until(StopSignals::TimePoint time) noexcept {
  using std::chrono::milliseconds;
  constexpr milliseconds most{std::numeric_limits<int>::max()};
  const auto now = std::chrono::steady_clock::now();
  if (time <= now) return 0;
  if (time - now > most) return static_cast<int>(most.count());
  return static_cast<int>(std::chrono::ceil<milliseconds>(time - now).count());
}

}  // namespace

StopSignals::StopSignals() : slot_(begin()) {
  sigset_t unblocked;
  sigemptyset(&unblocked);
  for (const int number : {SIGINT, SIGTERM, SIGQUIT}) sigaddset(&unblocked, number);
  pthread_sigmask(SIG_UNBLOCK, &unblocked, &mask_before_);
  // ThreadSanitizer's runtime (GCC 12) loses a signal that comes while it prepares a thread's first wait.
  poll(nullptr, 0, 0);
}

/// The mask first: a signal that the caller has blocked must not meet the action from before.
StopSignals::~StopSignals() {
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  const std::lock_guard lock(mutex);
  if (--users == 0) restore_all();
  slot_.is_taken = false;
}

unsigned StopSignals::count() const noexcept {
  return slot_.signals.load();
}

void StopSignals::wait_until(TimePoint time) noexcept {
  pollfd event{.fd = slot_.event.load(), .events = POLLIN, .revents = 0};
  poll(&event, 1, milliseconds_until(time));
  eventfd_t seen = 0;
  eventfd_read(slot_.event.load(), &seen);
}

void StopSignals::Waker::operator()() const noexcept {
  wake(*slot_);
}

void disarm_sigpipe() noexcept {
  struct sigaction before{};
  if (sigaction(SIGPIPE, nullptr, &before) == 0 && has_default_action(before)) install(SIGPIPE, do_nothing);
}

}  // namespace chopin::system
