#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>

#include "chopin/config.hpp"
#include "chopin/database_error.hpp"
#include "chopin/executor.hpp"
#include "chopin/rows.hpp"
#include "chopin/schema.hpp"
#include "chopin/statement.hpp"
#include "chopin/together.hpp"
#include "chopin/worker_service.hpp"

namespace chopin {

namespace data {
class Backend;  // NOLINT(cppcoreguidelines-virtual-class-destructor): which has one
class Lane;     // NOLINT(cppcoreguidelines-virtual-class-destructor): which is not deleted through it
class Lease;    // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final
class Source;   // NOLINT(cppcoreguidelines-virtual-class-destructor): which has one
}  // namespace data

/// Runs statements: a Database, or a Transaction.
///
/// Thread safety: the worker's thread.
/// Lifetime: must outlive the coroutines that it returns.
/// Throws: the coroutines: DatabaseError; boost::system::system_error with operation_aborted if the coroutine
///         is cancelled; std::bad_alloc.
class QueryRunner {
 public:
  QueryRunner(const QueryRunner&) = delete;
  QueryRunner& operator=(const QueryRunner&) = delete;

  /// Runs one statement.
  template <class... Columns>
  [[nodiscard]] Task<Rows<Columns...>> query(BoundStatement<Columns...> bound) {
    co_return Rows<Columns...>(co_await run(*bound.statement, std::move(bound.parameters)));
  }
  /// Runs several: all are sent before the first result is awaited. Throws the first error.
  template <class... Columns>
  [[nodiscard]] Task<std::vector<Rows<Columns...>>> query_all(std::vector<BoundStatement<Columns...>> bounds,
                                                              Together together = Together::no) {
    std::vector<data::Query> queries;
    queries.reserve(bounds.size());
    for (auto& bound : bounds) queries.emplace_back(bound.statement, std::move(bound.parameters));
    co_await run_all(queries, together);
    std::vector<Rows<Columns...>> rows;
    rows.reserve(queries.size());
    for (data::Query& query : queries) rows.emplace_back(std::move(query.result));
    co_return rows;
  }
  /// Runs one statement and calls `token`, a callback or another of Asio's completion tokens, with
  /// (std::exception_ptr, Rows<Columns...>) on the worker's thread, never within this call.
  template <class... Columns, class Token>
  // NOLINTNEXTLINE(cppcoreguidelines-missing-std-forward): Asio takes it as an lvalue
  auto query(BoundStatement<Columns...> bound, Token&& token) {
    return boost::asio::async_initiate<Token, void(std::exception_ptr, Rows<Columns...>)>(
        [this](auto handler, BoundStatement<Columns...> given) {
          // Shared, because std::function wants to be copied.
          auto done = std::make_shared<decltype(handler)>(std::move(handler));
          run_detached(*given.statement, std::move(given.parameters),
                       [done = std::move(done)](std::exception_ptr error, data::Result result) {
                         std::move (*done)(std::move(error), Rows<Columns...>(std::move(result)));
                       });
        },
        token, std::move(bound));
  }

 protected:
  QueryRunner(data::Backend& backend, data::Lane& lane, Executor executor) noexcept
      : backend_(backend), lane_(lane), executor_(executor) {}
  ~QueryRunner() = default;

  [[nodiscard]] data::Backend& backend() const noexcept { return backend_; }
  [[nodiscard]] const Executor& executor() const noexcept { return executor_; }

 private:
  using Done = std::function<void(std::exception_ptr, data::Result)>;

  [[nodiscard]] Task<data::Result> run(const data::StatementInfo& statement, ByteBuffer parameters);
  [[nodiscard]] Task<> run_all(std::vector<data::Query>& queries, Together together);
  void run_detached(const data::StatementInfo& statement, ByteBuffer parameters, Done done);

  data::Backend& backend_;
  data::Lane& lane_;
  const Executor executor_;
};

enum class Isolation : std::uint8_t { read_committed, repeatable_read, serializable };

struct TransactionOptions {
  /// SQLite's transactions are serializable in any case.
  Isolation isolation = Isolation::read_committed;
  /// From the call on, all attempts together; then the transaction is rolled back, so that nothing holds
  /// locks for longer, and fails with 57014, or with 08007 if it was being committed.
  std::chrono::milliseconds deadline = std::chrono::seconds(5);
  /// How often a transaction that conflicts with another one (40001, 40P01) is run.
  unsigned most_attempts = 4;
};

/// The statements of one transaction: see Database::transaction.
class Transaction final : public QueryRunner {
 public:
  explicit Transaction(data::Lease& lease) noexcept;
};

/// A connection that one coroutine has to itself as long as this object exists, for what
/// Database::transaction cannot do: a BEGIN of its own, an advisory lock. All errors are the caller's, 40001
/// and 40P01 too. A transaction left open is rolled back; settings of the session stay, and affect later
/// statements. With SQLite it is the writer, for which others wait.
///
/// Lifetime: must not outlive the Database.
class LeasedConnection final : public QueryRunner {
 public:
  explicit LeasedConnection(std::shared_ptr<data::Lease> lease) noexcept;
  ~LeasedConnection();

 private:
  const std::shared_ptr<data::Lease> lease_;
};

/// A worker's way to the database, as a service of the worker:
///
///     router.per_worker<chopin::Database>(chopin::Database::maker(config.database));
///     router.get("/items/{id}", [](const chopin::Request& request, chopin::Response& response) -> Task<> {
///       auto& database = request.worker<chopin::Database>();
///       const auto rows = co_await database.query(find_item(7));
///       ...
///     });
///
/// The start of the server does not wait for the database. Meanwhile one connection to PostgreSQL is made,
/// which shows whether its server can give as many as are configured; all others are opened when a statement
/// first needs them. While there is no connection, statements fail with 08001, and handlers with 503 and
/// Retry-After.
///
/// Thread safety: the worker's thread; `maker` any.
/// Lifetime: the worker's.
/// Throws: `maker`: std::invalid_argument, which names what is wrong with the URL without its password;
///         std::runtime_error, which names the database, if it cannot be migrated.
class Database final : public QueryRunner {
 public:
  using Maker = std::function<std::unique_ptr<Database>(const WorkerScope&)>;

  /// For Router::per_worker. `schema`: an SQLite database is migrated to its last version when it is opened,
  /// and a database in memory is filled. PostgreSQL is migrated at once if `config.migrate` asks for it: then
  /// this blocks, for minutes if the tables are large.
  [[nodiscard]] static Maker maker(const DatabaseConfig& config, Schema schema = {});
  Database(std::unique_ptr<data::Backend> backend, Executor executor) noexcept;
  ~Database();

  /// Runs `body(transaction)`, a coroutine, within a transaction on a connection of its own, and commits. If
  /// it throws, the transaction is rolled back; one that conflicts with another is run again from the start,
  /// so the body must have no effects outside of it. A commit whose result is not known, because the
  /// connection was lost or the deadline came meanwhile, is not repeated: the transaction then throws 08007,
  /// and may have been committed.
  template <class Body>
  [[nodiscard]] std::invoke_result_t<Body&, Transaction&> transaction(Body body,
                                                                      TransactionOptions options = {});

  /// Leases a connection, for at most `at_most`: after that it is taken back, and statements fail with 57014.
  /// Throws 53300 if none becomes free within the acquire timeout, and 25001 at once if the coroutine has one
  /// already or is within a transaction, because it could wait for itself. So does `transaction`.
  [[nodiscard]] Task<std::unique_ptr<LeasedConnection>> lease(
      std::chrono::milliseconds at_most = std::chrono::seconds(5));

  /// False as long as other workers may use this one's connections: see Router::per_worker.
  [[nodiscard]] bool may_end() const noexcept;
  /// "2 connections, 1 of them busy, 0 waiting", for messages.
  [[nodiscard]] std::string state() const;

 private:
  [[nodiscard]] Task<std::shared_ptr<data::Lease>> acquire_lease(
      std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] Task<std::shared_ptr<data::Lease>> begin(TransactionOptions options,
                                                         std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] static Task<> commit(data::Lease& lease);
  /// Throws `error` unless the transaction is to be run again.
  [[nodiscard]] static Task<> roll_back(data::Lease& lease, std::exception_ptr error, bool is_last);

  const std::unique_ptr<data::Backend> owned_;
};

template <class Body>
std::invoke_result_t<Body&, Transaction&> Database::transaction(Body body, TransactionOptions options) {
  const auto deadline = std::chrono::steady_clock::now() + options.deadline;
  for (unsigned attempt = 1;; ++attempt) {
    const std::shared_ptr<data::Lease> lease = co_await begin(options, deadline);
    std::exception_ptr error;
    try {
      Transaction transaction(*lease);
      if constexpr (std::is_same_v<std::invoke_result_t<Body&, Transaction&>, Task<>>) {
        co_await body(transaction);
        co_await commit(*lease);
        co_return;
      } else {
        auto result = co_await body(transaction);
        co_await commit(*lease);
        co_return result;
      }
    } catch (...) {
      error = std::current_exception();
    }
    co_await roll_back(*lease, error, attempt >= options.most_attempts);
  }
}

/// Migrates the tables to the schema's last version, and fills them if `seed` is true. Blocks, for minutes if
/// the tables are large. Returns the number of migrations that were run. Throws DatabaseError;
/// std::invalid_argument, as Database::maker.
unsigned migrate(const DatabaseConfig& config, const Schema& schema, bool seed = false);

}  // namespace chopin
