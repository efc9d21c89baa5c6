#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "chopin/database.hpp"
#include "loop/event_loop.hpp"

namespace chopin::test {

/// A worker without a server, on the thread that makes it: a loop and a database.
class DatabaseWorker {
 public:
  explicit DatabaseWorker(Database::Maker maker, Log log = {})
      : maker_(std::move(maker)), loop_(std::move(log)) {
    loop_.tasks()->claim();
    loop_.clock().start();  // so that no round waits for ever
    database_ = maker_({.executor = Executor(loop_), .log = loop_.log(), .services = services_});
  }
  ~DatabaseWorker() {
    loop_.close();
    database_.reset();
  }
  DatabaseWorker(const DatabaseWorker&) = delete;
  DatabaseWorker& operator=(const DatabaseWorker&) = delete;

  [[nodiscard]] Database& database() noexcept { return *database_; }
  [[nodiscard]] loop::EventLoop& loop() noexcept { return loop_; }

  /// Runs rounds of the loop until the coroutine, which can be cancelled like a handler's, has ended. Returns
  /// its result, or throws its exception.
  template <class Result>
  Result run(Task<Result> coroutine) {
    using Kept = std::conditional_t<std::is_void_v<Result>, int, std::optional<Result>>;
    bool is_done = false;
    std::exception_ptr error;
    [[maybe_unused]] Kept kept{};
    const auto note = [&](const std::exception_ptr& thrown, auto&&... result) {
      is_done = true;
      error = thrown;
      if constexpr (!std::is_void_v<Result>) (kept.emplace(std::move(result)), ...);
    };
    boost::asio::cancellation_signal never;
    boost::asio::co_spawn(Executor(loop_), std::move(coroutine),
                          boost::asio::bind_cancellation_slot(never.slot(), note));
    while (!is_done) loop_.run_round();
    if (error != nullptr) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<Result>) return std::move(*kept);
  }
  /// The SQLSTATE that the coroutine throws; empty if it throws none.
  template <class Result>
  std::string sqlstate_of(Task<Result> coroutine) {
    try {
      run(std::move(coroutine));
      return "";
    } catch (const DatabaseError& error) {
      return std::string(error.sqlstate());
    }
  }

 private:
  const Database::Maker maker_;  // it owns what all workers share
  loop::EventLoop loop_;
  PerWorkerServices services_;
  std::unique_ptr<Database> database_;
};

}  // namespace chopin::test
