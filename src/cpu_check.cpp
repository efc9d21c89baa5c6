// Ends a program that was built for another CPU with a message instead of SIGILL. Compiled without -march and
// without LTO, and uses nothing of the C++ library: one of its inline functions, compiled here or elsewhere,
// would be shared.
#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include "cpu_needs.hpp"

#ifdef __x86_64__

namespace {

/// int for g++, bool for clang.
using Support = decltype(__builtin_cpu_supports("sse3"));

struct Feature {
  const char* name;
  Support is_there;
};

void say(const char* text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, std::strlen(text));
}

Support has(const Feature* features, const char* name) {
  while (std::strcmp(features->name, name) != 0) ++features;
  return features->is_there;
}

/// 101 is the earliest priority that is not the implementation's: before this program's global objects.
[[gnu::constructor(101)]] void check_cpu() {
  __builtin_cpu_init();
  const Feature features[] = {
      {"sse3", __builtin_cpu_supports("sse3")},
      {"ssse3", __builtin_cpu_supports("ssse3")},
      {"sse4.1", __builtin_cpu_supports("sse4.1")},
      {"sse4.2", __builtin_cpu_supports("sse4.2")},
      {"popcnt", __builtin_cpu_supports("popcnt")},
      {"avx", __builtin_cpu_supports("avx")},
      {"fma", __builtin_cpu_supports("fma")},
      {"bmi", __builtin_cpu_supports("bmi")},
      {"bmi2", __builtin_cpu_supports("bmi2")},
      {"avx2", __builtin_cpu_supports("avx2")},
      {"avx512f", __builtin_cpu_supports("avx512f")},
      {"avx512cd", __builtin_cpu_supports("avx512cd")},
      {"avx512bw", __builtin_cpu_supports("avx512bw")},
      {"avx512dq", __builtin_cpu_supports("avx512dq")},
      {"avx512vl", __builtin_cpu_supports("avx512vl")},
      {"avx512vbmi", __builtin_cpu_supports("avx512vbmi")},
      {"avx512vbmi2", __builtin_cpu_supports("avx512vbmi2")},
      {"avx512vnni", __builtin_cpu_supports("avx512vnni")},
  };
  bool is_complete = true;
  for (const char* const* need = chopin::cpu_needs; *need != nullptr; ++need) {
    if (has(features, *need)) continue;
    if (is_complete) say("chopin: built for another CPU; this one does not have:");
    say(" ");
    say(*need);
    is_complete = false;
  }
  if (is_complete) return;
  say("\nBuild it on this machine, or for any CPU: cmake -DCHOPIN_NATIVE=OFF -DCHOPIN_MARCH=\n");
  _exit(EXIT_FAILURE);
}

}  // namespace

#endif
