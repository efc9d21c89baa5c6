#include "chopin/log.hpp"

#include "log/writer.hpp"

namespace chopin {

void Log::write_line(LogLevel level, std::string_view message,
                     std::span<const LogField> fields) const noexcept {
  writer_->write(level, message, fields);
}

std::uint64_t Log::lost() const noexcept {
  return writer_ == nullptr ? 0 : writer_->lost();
}

}  // namespace chopin
