#pragma once

#include <cstddef>
#include <cstdint>

/// What every fuzz target defines: libFuzzer calls it with one input after another, run_corpus.cpp with the
/// inputs of the corpus. It aborts if the input breaks something.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
