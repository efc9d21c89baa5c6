#pragma once

#include <cstdint>

namespace chopin {

/// Whether the statements of one call are one transaction.
enum class Together : std::uint8_t {
  no,   ///< each alone: one Sync message, so one implicit transaction, for each
  yes,  ///< all or none: one Sync message, so one implicit transaction, for the call
};

}  // namespace chopin
