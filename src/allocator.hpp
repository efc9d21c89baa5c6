#pragma once

#include <string>

namespace chopin {

/// Sets the allocator up for a server. To be called first in main.
void configure_allocator();

/// The allocator that serves this process, asked at run time: "mimalloc 2.0.9", "glibc 2.36", "the C
/// library's".
std::string allocator_in_use();

}  // namespace chopin
