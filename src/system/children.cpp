#include "system/children.hpp"

#include <pthread.h>

#include "system/cpus.hpp"
#include "system/open_files.hpp"

namespace chopin::system {
namespace {

void restore() noexcept {
  unpin_this_thread();
  lower_open_file_limit_again();
}

}  // namespace

void restore_children_after_fork() noexcept {
  [[maybe_unused]] static const int error = pthread_atfork(nullptr, nullptr, restore);
}

}  // namespace chopin::system
