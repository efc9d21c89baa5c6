#include "system/open_files.hpp"

#include <sys/resource.h>

namespace chopin::system {

void raise_open_file_limit() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t files_beside_connections(std::size_t workers) noexcept {
  constexpr std::size_t for_the_process = 32;  // standard streams, the log, what handlers open
  constexpr std::size_t for_each_worker = 8;   // epoll sets, eventfds, timers, a listening socket
  return for_the_process + for_each_worker * workers;
}

std::size_t connections_for_open_files(std::size_t workers) noexcept {
  constexpr std::size_t most = 1U << 30;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > most) return most;
  const std::size_t reserved = files_beside_connections(workers);
  return limit.rlim_cur > reserved ? limit.rlim_cur - reserved : 1;
}

}  // namespace chopin::system
