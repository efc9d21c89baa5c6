#pragma once

#include <cstdint>

#include "chopin/config.hpp"
#include "chopin/log.hpp"
#include "chopin/peer.hpp"
#include "http/rejection.hpp"
#include "log/line_limit.hpp"

namespace chopin::connection {

/// Logs the rejections of a worker, of requests and of connections, with status, reason and peer: at debug,
/// in production at warn. There a flood of bad requests must not become a flood of lines: so many are written
/// in a second, and the next line says how many were left out.
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: the log must outlive it.
/// Throws: nothing.
class RejectionLog {
 public:
  static constexpr std::uint32_t most_per_second = 10;

  RejectionLog(const Log& log, Environment environment) noexcept
      : log_(log), is_limited_(environment == Environment::production) {}

  void write(http::Rejection rejection, const Peer& peer) noexcept;

 private:
  const Log& log_;
  const bool is_limited_;
  log::LineLimit limit_{most_per_second};
};

}  // namespace chopin::connection
