#include "log/log.hpp"

#include <memory>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace chopin::log {
namespace {

constexpr const char* logger_name = "chopin";
constexpr std::size_t queue_length = 8192;  // lines; when it is full the oldest are dropped, and counted

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

Log::Log(Level level) {
  spdlog::init_thread_pool(queue_length, 1);
  auto logger = std::make_shared<spdlog::async_logger>(
      logger_name, std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  logger->set_level(to_spdlog(level));
  spdlog::register_logger(std::move(logger));
}

Log::~Log() {
  if (const std::size_t dropped = spdlog::thread_pool()->overrun_counter(); dropped > 0) {
    warn("{} log lines were dropped because stderr was too slow", dropped);
  }
  spdlog::shutdown();
}

bool is_enabled(Level level) noexcept {
  const auto logger = spdlog::get(logger_name);
  return logger != nullptr && logger->should_log(to_spdlog(level));
}

void write(Level level, std::string_view message) {
  if (const auto logger = spdlog::get(logger_name)) logger->log(to_spdlog(level), message);
}

}  // namespace chopin::log
