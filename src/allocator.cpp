#include "allocator.hpp"

#include <gnu/libc-version.h>
#include <memory>

#include <fmt/core.h>

#ifdef CHOPIN_MIMALLOC
#include <mimalloc.h>
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
