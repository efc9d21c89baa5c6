#pragma once

#include <cstdint>

namespace chopin {

/// How the statements of one call stand together.
enum class Together : std::uint8_t {
  no,   ///< each stands alone: one Sync message, so one implicit transaction, for each
  yes,  ///< all or none: one Sync message, so one implicit transaction, for the call
};

}  // namespace chopin
