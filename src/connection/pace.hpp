#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "chopin/config.hpp"

namespace chopin::connection {

/// Whether a peer keeps up the minimum rate of `Limits::min_rate`, by the ticks of the coarse clock. It
/// begins with credit for `Timeouts::rate_grace`; each byte adds to it, and waiting for bytes uses it up. The
/// credit is limited, and so is the debt: a peer that was quick at first cannot be as slow as it likes for
/// hours.
///
/// Thread safety: one thread.
/// Lifetime: independent.
/// Throws: nothing.
class Pace {
 public:
  Pace() noexcept = default;
  explicit Pace(const Limits& limits) noexcept
      : rate_(limits.min_rate), credit_(rate_ * ticks_in(Timeouts::rate_grace)) {}

  /// So many bytes have come in so many ticks.
  void note(std::uint64_t bytes, std::uint32_t ticks) noexcept {
    const auto earned = static_cast<std::int64_t>(bytes) * ticks_in(std::chrono::seconds(1));
    const std::int64_t most = rate_ * ticks_in(Timeouts::rate_credit);
    credit_ = std::clamp(credit_ + earned - rate_ * std::int64_t{ticks}, -most, most);
  }
  [[nodiscard]] bool is_too_slow() const noexcept { return credit_ < 0; }

 private:
  static constexpr std::int64_t ticks_in(std::chrono::milliseconds time) noexcept {
    return time / Timeouts::tick;
  }

  std::int64_t rate_ = 0;    // bytes in a second; 0: there is no minimum
  std::int64_t credit_ = 0;  // of bytes, each worth the ticks in a second, so that a tick costs the rate
};

}  // namespace chopin::connection
