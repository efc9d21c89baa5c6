#include "allocator.hpp"

#include <cstddef>
#include <cstdlib>
#include <gnu/libc-version.h>
#include <memory>
#include <new>

#include <fmt/core.h>

#ifdef CHOPIN_MIMALLOC
#include <mimalloc.h>

// Debian's libmimalloc is compiled as C: its own operator new cannot throw and aborts where memory runs out.
// Its malloc serves these.

namespace {

void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return or_throw(std::malloc(size));
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return or_throw(mi_malloc_aligned(size, static_cast<std::size_t>(alignment)));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

#endif

namespace chopin {

#ifdef CHOPIN_MIMALLOC

void configure_allocator() {
  // Without the delay freed pages go back to the system at once; with it they stay until somebody allocates
  // again, which on an idle server is never.
  mi_option_set(mi_option_decommit_delay, 0);
}

namespace {

std::string mimalloc_if_in_use() {
  const auto probe = std::make_unique<char[]>(64);
  if (!mi_is_in_heap_region(probe.get())) return {};
  const int version = mi_version();  // 209 is 2.0.9
  return fmt::format("mimalloc {}.{}.{}", version / 100, version / 10 % 10, version % 10);
}

}  // namespace

#else

void configure_allocator() {}

namespace {

std::string mimalloc_if_in_use() {
  return {};
}

}  // namespace

#endif

std::string allocator_in_use() {
  const std::string mimalloc = mimalloc_if_in_use();
  return mimalloc.empty() ? fmt::format("glibc {}", gnu_get_libc_version()) : mimalloc;
}

}  // namespace chopin
