#pragma once

#include <pthread.h>
#include <string>

namespace chopin::system {

/// What top, gdb and perf call the calling thread: 15 bytes at most, the rest is left out.
inline void name_this_thread(const std::string& name) noexcept {
  constexpr std::size_t most_bytes = 15;
  pthread_setname_np(pthread_self(),
                     name.size() <= most_bytes ? name.c_str() : name.substr(0, most_bytes).c_str());
}

}  // namespace chopin::system
