#pragma once

#include <string>

#include "load_client/options.hpp"
#include "load_client/tally.hpp"

namespace load {

/// One JSON object, described in bench/README.md.
std::string report(const Options& options, const Tally& tally);

}  // namespace load
