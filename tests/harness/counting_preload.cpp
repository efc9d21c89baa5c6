// Loaded into the server with LD_PRELOAD: counts heap memory and socket reads and writes in a file that the
// test has mapped, and forwards every call unless the test wants it to fail.
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/call_counts.hpp"

namespace {

using chopin::test::CallCounts;

CallCounts ignored;
CallCounts* counts = &ignored;

[[gnu::constructor]] void map_counts() {
  const char* const path = std::getenv("TEST_CALL_COUNTS");
  if (path == nullptr) return;
  const int fd = open(path, O_RDWR);
  void* const memory = mmap(nullptr, sizeof(CallCounts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (memory != MAP_FAILED) counts = static_cast<CallCounts*>(memory);
}

template <class Function>
Function next(Function, const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// glibc's dlsym may allocate: calloc is served from here until it has returned.
std::byte early[65536];
std::size_t early_used = 0;

void* take_early(std::size_t size) {
  void* const memory = early + early_used;
  early_used += (size + 15) / 16 * 16;
  return memory;
}

bool is_early(const void* memory) {
  return memory >= early && memory < early + sizeof early;
}

std::int64_t size_of(void* memory) {
  return is_early(memory) ? 0 : static_cast<std::int64_t>(malloc_usable_size(memory));
}

/// Counts an allocation and returns it.
void* taken(void* memory) {
  ++counts->allocations;
  counts->held += size_of(memory);
  return memory;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  static const auto real = next(&malloc, "malloc");
  if (counts->fail_next_allocation.exchange(false)) return nullptr;
  if (counts->allocation_to_fail > 0 && --counts->allocation_to_fail == 0) return nullptr;
  return taken(real(size));
}

void* calloc(std::size_t count, std::size_t size) {
  static bool asking = false;
  static void* (*real)(std::size_t, std::size_t) = nullptr;
  if (real == nullptr) {
    if (asking) return take_early(count * size);
    asking = true;
    real = next(&calloc, "calloc");
  }
  return taken(real(count, size));
}

void* realloc(void* memory, std::size_t size) {
  static const auto real = next(&realloc, "realloc");
  counts->held -= size_of(memory);
  return taken(real(memory, size));
}

void free(void* memory) {
  static const auto real = next(&free, "free");
  counts->held -= size_of(memory);
  if (!is_early(memory)) real(memory);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  static const auto real = next(&aligned_alloc, "aligned_alloc");
  return taken(real(alignment, size));
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  static const auto real = next(&posix_memalign, "posix_memalign");
  const int result = real(memory, alignment, size);
  if (result == 0) taken(*memory);
  return result;
}

int epoll_ctl(int epoll_fd, int operation, int fd, epoll_event* event) noexcept {
  static const auto real = next(&epoll_ctl, "epoll_ctl");
  errno = operation == EPOLL_CTL_ADD ? counts->next_watch_error.exchange(0) : 0;
  return errno != 0 ? -1 : real(epoll_fd, operation, fd, event);
}

/// How the server accepts, receives and sends (system/direct_calls.hpp).
long syscall(long number, ...) noexcept {
  static const auto real = next(&syscall, "syscall");
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  const auto& [a, b, c, d, e, f] = arguments;
  if (number == SYS_accept4) {
    errno = counts->next_accept_error.exchange(0);
    if (errno != 0) return -1;
  }
  if (number == SYS_sendto) ++counts->writes;  // before the peer can receive the bytes and read the count
  const long result = real(number, a, b, c, d, e, f);
  if (number == SYS_sendto && result <= 0) --counts->writes;
  if (number == SYS_recvfrom && result > 0) ++counts->reads;
  return result;
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static const auto real = next(&sendmsg, "sendmsg");
  ++counts->writes;
  const ssize_t result = real(fd, message, flags);
  if (result <= 0) --counts->writes;
  return result;
}

}  // extern "C"
