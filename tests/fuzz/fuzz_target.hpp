#pragma once

#include <cstddef>
#include <cstdint>

/// What every fuzz target defines: libFuzzer calls it with one input after the other, run_corpus.cpp with
/// those that were kept. It aborts where the input breaks something.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
