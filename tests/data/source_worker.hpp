#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "chopin/database_error.hpp"
#include "chopin/worker_service.hpp"
#include "data/backend.hpp"
#include "loop/event_loop.hpp"

namespace chopin::test {

/// A batch that notes whether it is done.
class StartedBatch final : public data::Batch {
 public:
  explicit StartedBatch(Together together = Together::no) : Batch({}, together) {}
  template <class... Columns>
  explicit StartedBatch(BoundStatement<Columns...> bound, Together together = Together::no)
      : StartedBatch(one_of(std::move(bound)), together) {}
  StartedBatch(std::unique_ptr<std::vector<data::Query>> queries, Together together)
      : Batch(*queries, together), owned_(std::move(queries)) {}

  template <class... Columns>
  static std::unique_ptr<std::vector<data::Query>> one_of(BoundStatement<Columns...> bound) {
    auto queries = std::make_unique<std::vector<data::Query>>();
    queries->emplace_back(bound.statement, std::move(bound.parameters));
    return queries;
  }

  [[nodiscard]] bool is_done() const noexcept { return is_done_; }
  /// The SQLSTATE of the query's error; empty if it has none.
  [[nodiscard]] std::string sqlstate(std::size_t index = 0) const {
    if ((*owned_)[index].error == nullptr) return "";
    try {
      std::rethrow_exception((*owned_)[index].error);
    } catch (const DatabaseError& error) {
      return std::string(error.sqlstate());
    }
  }

 private:
  void on_done() noexcept override { is_done_ = true; }

  std::unique_ptr<std::vector<data::Query>> owned_;
  bool is_done_ = false;
};

/// A request that notes what it gets.
class NotedRequest final : public data::LaneRequest {
 public:
  data::Lane* lane = nullptr;
  std::string sqlstate;
  std::string message;
  bool is_done = false;

 private:
  void on_lane(data::Lane* granted, std::exception_ptr error) noexcept override {
    is_done = true;
    lane = granted;
    try {
      if (error != nullptr) std::rethrow_exception(error);
    } catch (const DatabaseError& refused) {
      sqlstate = refused.sqlstate();
      message = refused.what();
    }
  }
};

/// A worker's loop with a backend of a source.
class SourceWorker {
 public:
  explicit SourceWorker(data::Source& source) {
    loop_.tasks()->claim();
    loop_.clock().start();  // so that no round waits for ever
    const PerWorkerServices services;
    backend_ = source.make_backend({.executor = Executor(loop_), .log = loop_.log(), .services = services});
  }
  ~SourceWorker() {
    loop_.close();
    backend_.reset();
  }
  SourceWorker(const SourceWorker&) = delete;
  SourceWorker& operator=(const SourceWorker&) = delete;

  [[nodiscard]] data::Backend& backend() noexcept { return *backend_; }
  template <class Condition>
  void run_until(Condition condition) {
    while (!condition()) loop_.run_round();
  }
  /// The same with rounds that do not wait: for what happens on another thread.
  template <class Condition>
  void poll_until(Condition condition) {
    while (!condition()) loop_.poll_round();
  }
  /// Runs the batch to its end and returns its SQLSTATE.
  std::string run(StartedBatch& batch) {
    backend_->start(batch);
    run_until([&batch] { return batch.is_done(); });
    return batch.sqlstate();
  }
  data::Lane& acquire() {
    NotedRequest request;
    backend_->acquire(request);
    run_until([&request] { return request.is_done; });
    return *request.lane;
  }

 private:
  loop::EventLoop loop_;
  std::unique_ptr<data::Backend> backend_;
};

}  // namespace chopin::test
