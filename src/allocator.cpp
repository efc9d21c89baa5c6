#include "allocator.hpp"

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

#include <fmt/core.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#ifdef CHOPIN_MIMALLOC
#include <mimalloc.h>

// Debian's libmimalloc is compiled as C: its own operator new cannot throw and aborts where memory runs out.
// Its malloc serves these. All of them are here, and none calls mimalloc by name: what one allocates another
// frees, also where mimalloc's malloc is not the process's, as under LD_PRELOAD of another one.

namespace {

void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

/// C11 wants a size that is a multiple of the alignment.
void* aligned(std::size_t size, std::align_val_t alignment) noexcept {
  const auto step = static_cast<std::size_t>(alignment);
  const std::size_t rounded = (size + step - 1) & ~(step - 1);
  return rounded < size ? nullptr : std::aligned_alloc(step, rounded);
}

}  // namespace

void* operator new(std::size_t size) {
  return or_throw(std::malloc(size));
}
void* operator new[](std::size_t size) {
  return or_throw(std::malloc(size));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return or_throw(aligned(size, alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return or_throw(aligned(size, alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned(size, alignment);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}

#endif

namespace chopin {

#ifdef CHOPIN_MIMALLOC

void configure_allocator() {
#if MI_MALLOC_VERSION >= 210
  constexpr mi_option_t delay = mi_option_purge_delay;
#else
  constexpr mi_option_t delay = mi_option_decommit_delay;  // the same under its old name
#endif
  // Without the delay freed pages go back to the system at once; with it they stay until somebody allocates
  // again, which on an idle server is never.
  mi_option_set(delay, 0);
}

namespace {

std::string mimalloc_if_in_use() {
  const auto probe = std::make_unique<char[]>(64);
  if (!mi_is_in_heap_region(probe.get())) return {};
  const int version = mi_version();  // 209 is 2.0.9; newer ones have two digits for each part: 20401, 30500
  const int base = version < 10'000 ? 10 : 100;
  return fmt::format("mimalloc {}.{}.{}", version / base / base, version / base % base, version % base);
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

namespace {

std::string c_library() {
#ifdef __GLIBC__
  return fmt::format("glibc {}", gnu_get_libc_version());
#else
  return "the C library's";
#endif
}

}  // namespace

std::string allocator_in_use() {
  const std::string mimalloc = mimalloc_if_in_use();
  return mimalloc.empty() ? c_library() : mimalloc;
}

}  // namespace chopin
