#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

#include "chopin/log.hpp"
#include "log/line_queue.hpp"
#include "log/stderr_output.hpp"

namespace chopin::log {

/// What the copies of a Log share: a queue of lines, and from `start` on a thread that writes them.
///
/// Thread safety: `write`, `lost` and `close` from any thread, `start` once.
/// Lifetime: shared by the copies of the Log and the thread. Must be closed before its end.
/// Throws: the constructor and `start`: std::bad_alloc, std::system_error.
class Writer : public std::enable_shared_from_this<Writer> {
 public:
  /// An empty sink: stderr.
  Writer(LogFormat format, LogSink sink) : format_(format), sink_(std::move(sink)) {}

  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept;
  /// Starts the thread. Lines from before wait in the queue, and survive a fork.
  void start();
  /// Writes the lines that wait, for at most a second, and ends the thread. With a sink, waits for a call
  /// that is under way.
  void close() noexcept;
  [[nodiscard]] std::uint64_t lost() const noexcept { return queue_.lost(); }

 private:
  [[nodiscard]] QueuedLine line_of(LogLevel level, std::string_view message,
                                   std::span<const LogField> fields) const;
  void start_thread();
  void end_thread() noexcept;
  void run() noexcept;
  std::size_t deliver(std::span<const QueuedLine> lines) noexcept;
  std::size_t pass_to_sink(std::span<const QueuedLine> lines) noexcept;
  void report_lost(std::uint64_t lines) noexcept;

  const LogFormat format_;
  const LogSink sink_;
  LineQueue queue_;
  std::optional<StderrOutput> stderr_;  // none: there is a sink, or no thread yet
  std::atomic<StderrOutput::Time> end_ = StderrOutput::Time::max();

  std::mutex closing_;
  std::thread thread_;      // under closing_
  bool is_closed_ = false;  // under closing_

  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;  // under mutex_: the thread
};

/// Owns a Log: closes it at the end.
class OpenLog {
 public:
  explicit OpenLog(LogLevel least, LogFormat format = LogFormat::text, LogSink sink = {})
      : log_(std::make_shared<Writer>(format, std::move(sink)), least) {}
  ~OpenLog() { close(); }
  OpenLog(const OpenLog&) = delete;
  OpenLog& operator=(const OpenLog&) = delete;

  [[nodiscard]] const Log& log() const noexcept { return log_; }
  /// See Writer.
  void start() { log_.writer()->start(); }
  void close() noexcept { log_.writer()->close(); }

 private:
  Log log_;
};

}  // namespace chopin::log
