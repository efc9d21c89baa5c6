#include "log/writer.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "log/line.hpp"
#include "system/signals_blocked.hpp"
#include "system/thread_name.hpp"

namespace chopin::log {
namespace {

/// How long the lines that wait are written for at the end.
constexpr std::chrono::milliseconds last_lines{1000};

/// How much longer the thread may take: it may be inside a write that blocks, to a file system that hangs.
constexpr std::chrono::milliseconds last_write{250};

/// `error` is what writing to stderr has failed with, 0 if with none.
std::string_view message_about_loss(bool to_stderr, int error) noexcept {
  if (error != 0) return "log lines were lost: stderr could not be written";
  if (to_stderr) return "log lines were lost: stderr was not read fast enough";
  return "log lines were lost: the sink was too slow, or has thrown";
}

}  // namespace

void Writer::write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept {
  try {
    queue_.push(line_of(level, message, fields));
  } catch (const std::exception&) {
    queue_.count_lost(1, false);
  }
}

QueuedLine Writer::line_of(LogLevel level, std::string_view message, std::span<const LogField> fields) const {
  const auto now = std::chrono::system_clock::now();
  return {.level = level,
          .time = now,
          .text = format_ == LogFormat::text ? text_line(message, fields)
                                             : json_line(now, level, message, fields)};
}

void Writer::start() {
  const std::lock_guard lock(closing_);
  if (!is_closed_) start_thread();
}

void Writer::start_thread() {
  if (!sink_) stderr_.emplace(format_);
  const system::SignalsBlocked blocked;
  thread_ = std::thread([self = shared_from_this()] { self->run(); });
}

void Writer::close() noexcept {
  queue_.close();
  const std::lock_guard lock(closing_);
  if (std::exchange(is_closed_, true)) return;
  try {
    if (!thread_.joinable() && !queue_.is_empty()) start_thread();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the lines are lost
  }
  if (thread_.joinable()) end_thread();
}

/// A thread that hangs in a write to stderr is left behind. It keeps this alive.
void Writer::end_thread() noexcept {
  const auto end = std::chrono::steady_clock::now() + last_lines;
  end_ = end;
  if (stderr_) stderr_->end_at(end);
  bool may_join = true;
  if (!sink_) {
    std::unique_lock lock(mutex_);
    may_join = ended_.wait_until(lock, end + last_write, [this] { return has_ended_; });
  }
  if (!may_join) return thread_.detach();
  thread_.join();
  stderr_.reset();  // a copy of the Log may live on, but must not keep the pipe open
}

void Writer::run() noexcept {
  system::name_this_thread("log");
  LineQueue::Taken taken;
  do {
    queue_.take(taken);
    const std::size_t failed = deliver(taken.lines);
    if (failed > 0) queue_.count_lost(failed, true);
    report_lost(taken.lost_after_them + failed);
  } while (!taken.lines.empty());
  {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
  }
  ended_.notify_all();
}

/// Returns how many of the lines could not be written.
std::size_t Writer::deliver(std::span<const QueuedLine> lines) noexcept {
  return stderr_ ? stderr_->write(lines) : pass_to_sink(lines);
}

std::size_t Writer::pass_to_sink(std::span<const QueuedLine> lines) noexcept {
  std::size_t passed = 0;
  for (const QueuedLine& line : lines) {
    if (std::chrono::steady_clock::now() >= end_.load()) break;
    try {
      sink_({.level = line.level, .time = line.time, .text = line.text});
      ++passed;
    } catch (...) {  // NOLINT(bugprone-empty-catch): counted as lost
    }
  }
  return lines.size() - passed;
}

/// The line stands about where lines are missing. If it cannot be written, the next one includes its number.
void Writer::report_lost(std::uint64_t lines) noexcept {
  if (lines == 0) return;
  try {
    const int error = stderr_ ? stderr_->take_error() : 0;
    const std::string reason = std::generic_category().message(error);
    const std::array fields{LogField("lines", lines), LogField("error", reason)};
    const std::string_view message = message_about_loss(stderr_.has_value(), error);
    const std::array report{
        line_of(LogLevel::warn, message, std::span(fields).first(error != 0 ? fields.size() : 1))};
    if (deliver(report) == 0) return;
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): no memory
  }
  queue_.count_unreported(lines);
}

}  // namespace chopin::log
