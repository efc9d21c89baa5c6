#include "connection/rejection_log.hpp"

#include <array>
#include <exception>
#include <span>
#include <string>

namespace chopin::connection {

void RejectionLog::write(http::Rejection rejection, const Peer& peer) noexcept {
  const LogLevel level = is_limited_ ? LogLevel::warn : LogLevel::debug;
  if (!log_.is_enabled(level)) return;
  if (is_limited_ && !limit_.admits()) return;
  try {
    const std::uint64_t left_out = limit_.take_left_out();
    const std::string peer_text = peer.text();
    const std::array<LogField, 4> fields{{{"status", http::response_to(rejection).status},
                                          {"reason", to_string(rejection)},
                                          {"peer", peer_text},
                                          {"left_out", left_out}}};
    log_.write(level, "refused", std::span(fields).first(left_out == 0 ? 3 : 4));
  } catch (const std::exception&) {
    limit_.note_left_out();
  }
}

}  // namespace chopin::connection
