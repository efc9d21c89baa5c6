#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "app/random_worlds.hpp"
#include "chopin/database.hpp"
#include "chopin/router.hpp"
#include "data/backend.hpp"

namespace chopin::app {

/// Runs each query of a batch.
using Script = std::function<void(data::Query&, const data::Batch&)>;

/// A database that does what a test says, at once.
class ScriptedBackend final : public data::Backend {
 public:
  explicit ScriptedBackend(Script script) : script_(std::move(script)) {}

  bool run_now(data::Batch& batch) noexcept override {
    for (data::Query& query : batch.queries()) {
      try {
        script_(query, batch);
      } catch (const DatabaseError&) {
        query.error = std::current_exception();
      }
    }
    return true;
  }
  void start(data::Batch& /*batch*/) noexcept override { std::terminate(); }
  void withdraw(data::Batch& /*batch*/) noexcept override {}
  void acquire(data::LaneRequest& /*request*/) noexcept override { std::terminate(); }
  void withdraw(data::LaneRequest& /*request*/) noexcept override {}
  void release(data::Lane& /*lane*/) noexcept override {}
  [[nodiscard]] std::string state() const override { return "scripted"; }

 private:
  const Script script_;
};

/// The services that the routes need.
inline Router with_database(Script script) {
  Router router;
  router.per_worker<Database>([script = std::move(script)](const WorkerScope& scope) {
    return std::make_unique<Database>(std::make_unique<ScriptedBackend>(script), scope.executor);
  });
  router.per_worker<RandomWorlds>([](const WorkerScope&) { return std::make_unique<RandomWorlds>(7); });
  return router;
}

inline bool is(const data::Query& query, std::string_view start_of_sql) {
  return query.statement->postgres.starts_with(start_of_sql);
}

/// Adds a row to the result.
template <class... Values>
void give(data::Query& query, const Values&... values) {
  (data::append_value(query.result.values, values), ...);
  ++query.result.rows;
}

}  // namespace chopin::app
