#pragma once

namespace chopin {

/// The instruction sets beyond the first x86-64 CPUs' that the compiler was allowed to use, by the names that
/// `__builtin_cpu_supports` has for them. Ends with a null pointer.
extern const char* const cpu_needs[];

}  // namespace chopin
