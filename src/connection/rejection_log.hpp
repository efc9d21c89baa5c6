#pragma once

#include <chrono>
#include <cstdint>

#include "chopin/config.hpp"
#include "chopin/log.hpp"
#include "http/rejection.hpp"

namespace chopin::connection {

class ResponseTarget;

/// Logs the rejections of a worker, with status, reason and peer: at debug, in production at warn. There a
/// flood of bad requests must not become a flood of lines: so many are written in a second, and the next line
/// says how many were left out.
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: the log must outlive it.
/// Throws: nothing.
class RejectionLog {
 public:
  static constexpr std::uint32_t most_per_second = 10;

  RejectionLog(const Log& log, Environment environment) noexcept
      : log_(log), is_limited_(environment == Environment::production) {}

  void write(http::Rejection rejection, const ResponseTarget& target) noexcept;

 private:
  [[nodiscard]] bool is_over_limit() noexcept;

  const Log& log_;
  const bool is_limited_;
  std::chrono::steady_clock::time_point second_begin_;
  std::uint32_t in_this_second_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace chopin::connection
