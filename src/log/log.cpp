#include "log/log.hpp"

#include <atomic>
#include <chrono>
#include <span>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include "log/line.hpp"
#include "system/signals_blocked.hpp"

namespace chopin::log {
namespace {

constexpr std::size_t queue_length = 8192;  // lines; when it is full the oldest are dropped and counted

/// The writer of the open log. spdlog's registry would take a lock for each lookup, so for each request.
constinit std::atomic<Writer*> open_writer = nullptr;  // NOLINT(*-avoid-non-const-global-variables)

spdlog::level::level_enum to_spdlog(Level level) noexcept {
  switch (level) {
    case Level::trace: return spdlog::level::trace;
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::critical: return spdlog::level::critical;
    case Level::off: break;
  }
  return spdlog::level::off;
}

}  // namespace

class Writer {
 public:
  Writer(Level least, LogFormat format)
      : least_(least),
        format_(format),
        thread_(started_thread()),
        logger_(std::make_shared<spdlog::async_logger>(
            "chopin", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), thread_,
            spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_level(spdlog::level::trace);
    logger_->set_pattern(format == LogFormat::json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  }

  ~Writer() { finish(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  [[nodiscard]] bool accepts(Level level) const noexcept { return level >= least_ && level != Level::off; }

  void write(Level level, std::string_view message, std::span<const Field> fields) {
    logger_->log(to_spdlog(level), format_ == LogFormat::text
                                       ? text_line(message, fields)
                                       : json_line(std::chrono::system_clock::now(), level, message, fields));
  }

  [[nodiscard]] std::size_t dropped() const { return thread_->overrun_counter(); }

  [[nodiscard]] bool is_finished() const noexcept { return thread_ == nullptr; }
  /// Writes the queued lines while the logger still exists.
  void finish() noexcept { thread_.reset(); }

 private:
  static std::shared_ptr<spdlog::details::thread_pool> started_thread() {
    const system::SignalsBlocked blocked;
    return std::make_shared<spdlog::details::thread_pool>(queue_length, 1);
  }

  Level least_;
  LogFormat format_;
  std::shared_ptr<spdlog::details::thread_pool> thread_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

namespace {

Writer* writer_for(Level level) noexcept {
  Writer* const writer = open_writer.load(std::memory_order_acquire);
  return writer != nullptr && writer->accepts(level) ? writer : nullptr;
}

}  // namespace

Log::Log(Level least, LogFormat format) : writer_(std::make_unique<Writer>(least, format)) {
  open_writer.store(writer_.get(), std::memory_order_release);
}

Log::~Log() {
  finish();
}

void Log::finish() noexcept {
  Writer* own = writer_.get();
  if (own->is_finished()) return;
  if (const std::size_t dropped = own->dropped(); dropped > 0) {
    warn("{} log lines were dropped because stderr was too slow", dropped);
  }
  open_writer.compare_exchange_strong(own, nullptr);  // unless another has been opened since
  writer_->finish();
}

bool is_enabled(Level level) noexcept {
  return writer_for(level) != nullptr;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (Writer* const writer = writer_for(level)) writer->write(level, message, fields);
}

}  // namespace chopin::log
