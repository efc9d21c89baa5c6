#include "connection/rejection_log.hpp"

#include <array>
#include <cstddef>
#include <exception>
#include <span>
#include <string>

#include "connection/pending_response.hpp"

namespace chopin::connection {

void RejectionLog::write(std::uint16_t status, std::string_view reason,
                         const ResponseTarget& target) noexcept {
  const LogLevel level = is_limited_ ? LogLevel::warn : LogLevel::debug;
  if (!log_.is_enabled(level)) return;
  if (is_limited_ && !limit_.admits()) return;
  try {
    const std::uint64_t left_out = limit_.take_left_out();
    const std::string peer = target.peer().text();
    const std::array<LogField, 4> fields{
        {{"status", status}, {"reason", reason}, {"peer", peer}, {"left_out", left_out}}};
    const std::size_t begin = status == 0 ? 1 : 0;
    log_.write(level, "refused", std::span(fields).subspan(begin, (left_out == 0 ? 3 : 4) - begin));
  } catch (const std::exception&) {
    limit_.note_left_out();
  }
}

}  // namespace chopin::connection
