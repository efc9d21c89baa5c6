#include <utility>

#include "data/sources.hpp"
#include "data/sqlite/backend.hpp"
#include "data/sqlite/migrations.hpp"
#include "data/sqlite/threads.hpp"
#include "system/memory.hpp"

namespace chopin::data::sqlite {
namespace {

/// Half of what the process may hold, by default.
std::uint64_t most_in_memory(const DatabaseConfig& config) {
  return config.max_in_memory > 0 ? config.max_in_memory : system::max_memory_of({}) / 2;
}

class SqliteSource final : public Source {
 public:
  SqliteSource(std::string file, const DatabaseConfig& config, Schema schema)
      : timeouts_{config.acquire_timeout, config.statement_timeout},
        threads_(std::make_unique<Threads>(std::move(file), std::move(schema), config.statement_timeout,
                                           most_in_memory(config))) {}
  ~SqliteSource() override {
    if (!threads_->is_of_this_process())
      threads_.release();  // NOLINT(bugprone-unused-return-value): left alone
  }

  std::unique_ptr<Backend> make_backend(const WorkerScope& scope) override {
    return std::make_unique<SqliteBackend>(*threads_, timeouts_, scope.executor.loop());
  }

 private:
  const SqliteBackend::Timeouts timeouts_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace

std::shared_ptr<Source> make_source(std::string file, const DatabaseConfig& config, Schema schema) {
  return std::make_shared<SqliteSource>(std::move(file), config, std::move(schema));
}

unsigned migrate(const std::string& file, const Schema& schema, bool seed) {
  configure_library();
  const std::atomic<bool> is_ending = false;
  Connection connection({.file = file}, Connection::Use::write, is_ending);
  const unsigned count = run_migrations(connection, schema);
  if (seed) run_seed(connection, schema);
  return count;
}

}  // namespace chopin::data::sqlite
