#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace chopin::system {

/// From now on the calling thread gets a CPU only while no other thread wants it. Where the kernel refuses
/// that, it is as nice as can be.
inline void run_this_thread_when_idle() noexcept {
  constexpr int nicest = 19;
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_IDLE, &none) == 0) return;
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nicest);
}

/// From now on the calling thread gets about a tenth of a CPU for which another thread competes, which runs
/// as soon as it has something to do.
inline void lower_priority_of_this_thread() noexcept {
  constexpr int nicer_by = 10;
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + nicer_by);
}

}  // namespace chopin::system
