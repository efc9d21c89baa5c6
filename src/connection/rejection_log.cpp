#include "connection/rejection_log.hpp"

#include <array>
#include <exception>
#include <span>
#include <string>
#include <utility>

#include "connection/pending_response.hpp"

namespace chopin::connection {

void RejectionLog::write(http::Rejection rejection, const ResponseTarget& target) noexcept {
  const LogLevel level = is_limited_ ? LogLevel::warn : LogLevel::debug;
  if (!log_.is_enabled(level)) return;
  if (is_limited_ && is_over_limit()) {
    ++left_out_;
    return;
  }
  try {
    const std::string peer = target.peer().text();
    const std::array<LogField, 4> fields{{{"status", http::response_to(rejection).status},
                                          {"reason", to_string(rejection)},
                                          {"peer", peer},
                                          {"left_out", left_out_}}};
    const bool is_complete = std::exchange(left_out_, 0) == 0;
    log_.write(level, "refused", std::span(fields).first(is_complete ? 3 : 4));
  } catch (const std::exception&) {
    ++left_out_;
  }
}

bool RejectionLog::is_over_limit() noexcept {
  const auto now = std::chrono::steady_clock::now();
  if (now - second_begin_ >= std::chrono::seconds(1)) {
    second_begin_ = now;
    in_this_second_ = 0;
  }
  return ++in_this_second_ > most_per_second;
}

}  // namespace chopin::connection
