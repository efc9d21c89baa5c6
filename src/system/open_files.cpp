#include "system/open_files.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "system/descriptor.hpp"

namespace chopin::system {
namespace {

constexpr rlim_t not_raised = RLIM_INFINITY;

// The limit is the process's.
// NOLINTBEGIN(*-avoid-non-const-global-variables)
constinit std::mutex limit_mutex;
constinit std::atomic<rlim_t> soft_before = not_raised;
constinit std::atomic<rlim_t> raised_to = not_raised;  // the program may set another limit afterwards
// NOLINTEND(*-avoid-non-const-global-variables)

void expect_next_raise(const rlimit& limit) noexcept {
  constexpr rlim_t most = std::numeric_limits<int>::max();
  const bool can_raise = limit.rlim_cur < std::min(limit.rlim_max, most);
  raise_limit_from = static_cast<int>(can_raise ? limit.rlim_cur - limit.rlim_cur / 4 : most);
}

/// Above fs.nr_open the kernel refuses to set any limit, even the one in force.
bool may_set(const rlimit& limit) noexcept {
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace

// NOLINTNEXTLINE(*-avoid-non-const-global-variables): the limit is the process's
constinit std::atomic<int> raise_limit_from = std::numeric_limits<int>::max();

void note_open_file_limit() noexcept {
  const std::lock_guard lock(limit_mutex);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) expect_next_raise(limit);
}

bool raise_open_file_limit() noexcept {
  const std::lock_guard lock(limit_mutex);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = std::min(limit.rlim_max, before > limit.rlim_max / 2 ? limit.rlim_max : before * 2);
  if (limit.rlim_cur <= before || !may_set(limit)) {
    raise_limit_from = std::numeric_limits<int>::max();
    return false;
  }
  if (before != raised_to) soft_before = before;
  raised_to = limit.rlim_cur;
  expect_next_raise(limit);
  return true;
}

void make_room_for(std::size_t more) noexcept {
  for (;;) {
    const Descriptor next(eventfd(0, EFD_CLOEXEC));  // the lowest number that is free
    const bool is_enough = next.is_open() && static_cast<std::size_t>(next.get()) + more <
                                                 static_cast<std::size_t>(raise_limit_from.load());
    if (is_enough || !raise_open_file_limit()) return;
  }
}

void lower_open_file_limit_again() noexcept {
  rlimit limit{};
  const rlim_t before = soft_before.exchange(not_raised);
  const rlim_t own = raised_to.exchange(not_raised);
  if (own == not_raised || getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur != own) return;
  limit.rlim_cur = std::min(before, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  expect_next_raise(limit);
}

std::size_t files_of_workers(std::size_t workers) noexcept {
  // Epoll sets, eventfds, timers, a listening socket, and connections that are refused.
  constexpr std::size_t for_each_worker = 24;
  return for_each_worker * workers;
}

std::size_t files_beside_connections(std::size_t workers) noexcept {
  constexpr std::size_t for_the_process = 32;  // standard streams, the log, what handlers open
  return for_the_process + files_of_workers(workers);
}

std::size_t connections_for_open_files(std::size_t workers) noexcept {
  constexpr std::size_t most = 1U << 30;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return most;
  const rlim_t reachable = may_set(limit) ? limit.rlim_max : limit.rlim_cur;
  if (reachable > most) return most;
  const std::size_t reserved = files_beside_connections(workers);
  return reachable > reserved ? reachable - reserved : 1;
}

}  // namespace chopin::system
