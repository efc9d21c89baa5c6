#include "chopin/database.hpp"

#include <stdexcept>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "data/backend.hpp"
#include "data/database_url.hpp"
#include "data/lease.hpp"
#include "data/migrate.hpp"
#include "data/postgres/migrations.hpp"
#include "data/sources.hpp"
#include "loop/coroutine.hpp"
#include "loop/event_loop.hpp"

namespace chopin {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

constexpr boost::asio::use_awaitable_t<Executor> awaitable;

std::exception_ptr aborted() {
  return std::make_exception_ptr(boost::system::system_error(boost::asio::error::operation_aborted));
}

/// What a coroutine waits for. Owns itself; a cancellation completes it in the next round, because the
/// coroutine must not be resumed within the call that cancels it.
template <class Handler, class... Results>
class Awaited : public loop::Recycled, private loop::Task {
 public:
  Awaited(Handler handler, loop::EventLoop& loop) : handler_(std::move(handler)), loop_(loop) {}
  virtual ~Awaited() = default;
  Awaited(const Awaited&) = delete;
  Awaited& operator=(const Awaited&) = delete;

 protected:
  /// Ends the wait without a call of `complete`.
  virtual void withdraw() noexcept = 0;

  void listen_to_cancellation() {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected()) {
      slot.assign([this](boost::asio::cancellation_type) {
        withdraw();
        loop_.run_next_round(*this);
      });
    }
  }
  void complete(std::exception_ptr error, Results... results) noexcept {
    const Log& log = loop_.log();
    try {
      Handler handler(std::move(handler_));
      delete this;
      boost::asio::get_associated_cancellation_slot(handler).clear();
      std::move(handler)(std::move(error), std::move(results)...);
    } catch (...) {
      loop::log_task_exception(log);
    }
  }

 private:
  void run() noexcept override { complete(aborted(), Results{}...); }
  void discard() noexcept override { delete this; }

  Handler handler_;
  loop::EventLoop& loop_;
};

template <class Handler>
class AwaitedBatch final : public Awaited<Handler>, public data::Batch {
 public:
  AwaitedBatch(Handler handler, loop::EventLoop& loop, data::Lane& lane, std::span<data::Query> queries,
               Together together)
      : Awaited<Handler>(std::move(handler), loop), Batch(queries, together), lane_(lane) {}

  void start() {
    this->listen_to_cancellation();
    lane_.start(*this);
  }
  void on_done() noexcept override {
    std::exception_ptr error;
    for (const data::Query& query : queries()) {
      if (query.error != nullptr && error == nullptr) error = query.error;
    }
    lane_.note_done(*this, error != nullptr);
    this->complete(std::move(error));
  }

 private:
  void withdraw() noexcept override { lane_.withdraw(*this); }

  data::Lane& lane_;
};

Task<> run_on(data::Lane& lane, std::span<data::Query> queries, Together together, const Executor& executor) {
  return boost::asio::async_initiate<decltype(awaitable), void(std::exception_ptr)>(
      [&lane, queries, together, &loop = executor.loop()](auto handler) {
        (new AwaitedBatch<decltype(handler)>(std::move(handler), loop, lane, queries, together))->start();
      },
      awaitable);
}

template <class Handler>
class AwaitedLane final : public Awaited<Handler, data::Lane*>, public data::LaneRequest {
 public:
  AwaitedLane(Handler handler, loop::EventLoop& loop, data::Backend& backend)
      : Awaited<Handler, data::Lane*>(std::move(handler), loop), backend_(backend) {}

  void start() {
    this->listen_to_cancellation();
    backend_.acquire(*this);
  }
  void on_lane(data::Lane* lane, std::exception_ptr error) noexcept override {
    this->complete(std::move(error), lane);
  }

 private:
  void withdraw() noexcept override { backend_.withdraw(*this); }

  data::Backend& backend_;
};

Task<data::Lane*> acquire(data::Backend& backend, const Executor& executor) {
  return boost::asio::async_initiate<decltype(awaitable), void(std::exception_ptr, data::Lane*)>(
      [&backend, &loop = executor.loop()](auto handler) {
        (new AwaitedLane<decltype(handler)>(std::move(handler), loop, backend))->start();
      },
      awaitable);
}

/// One statement whose result is a call. Owns itself.
class DetachedQuery final : public data::Batch, private loop::Task {
 public:
  using Done = std::function<void(std::exception_ptr, data::Result)>;

  DetachedQuery(const data::StatementInfo& statement, ByteBuffer parameters, Done done, loop::EventLoop& loop,
                data::Lane& lane)
      : Batch({&query_, 1}, Together::no),
        query_(&statement, std::move(parameters)),
        done_(std::move(done)),
        loop_(loop),
        lane_(lane) {}

  void start() noexcept {
    if (lane_.run_now(*this)) return loop_.run_next_round(*this);
    lane_.start(*this);
  }
  void on_done() noexcept override {
    lane_.note_done(*this, query_.error != nullptr);
    run();
  }

 private:
  ~DetachedQuery() = default;

  void run() noexcept override {
    const Log& log = loop_.log();
    try {
      const Done done = std::move(done_);
      data::Query query = std::move(query_);
      delete this;
      done(std::move(query.error), std::move(query.result));
    } catch (...) {
      loop::log_task_exception(log);
    }
  }
  void discard() noexcept override { delete this; }

  data::Query query_;
  Done done_;
  loop::EventLoop& loop_;
  data::Lane& lane_;
};

/// A batch that is run where it is, on this thread.
class BatchAtHand final : public data::Batch {
 public:
  using Batch::Batch;
  void on_done() noexcept override {}
};

void throw_first_error(std::span<const data::Query> queries) {
  for (const data::Query& query : queries) {
    if (query.error != nullptr) std::rethrow_exception(query.error);
  }
}

data::StatementInfo command(std::string postgres, std::string sqlite) {
  return {std::move(postgres), std::move(sqlite), {}, {}, false, false};
}

const data::StatementInfo& begin_statement(Isolation isolation) {
  static const data::StatementInfo read_committed = command("BEGIN", "BEGIN IMMEDIATE");
  static const data::StatementInfo repeatable_read =
      command("BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN IMMEDIATE");
  static const data::StatementInfo serializable =
      command("BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN IMMEDIATE");
  switch (isolation) {
    case Isolation::read_committed: return read_committed;
    case Isolation::repeatable_read: return repeatable_read;
    case Isolation::serializable: break;
  }
  return serializable;
}

Task<> run_command(data::Lease& lease, const data::StatementInfo& statement) {
  data::Query query(&statement, ByteBuffer());
  co_await run_on(lease, {&query, 1}, Together::no, lease.executor());
}

}  // namespace

Task<data::Result> QueryRunner::run(const data::StatementInfo& statement, ByteBuffer parameters) {
  data::Query query(&statement, std::move(parameters));
  if (BatchAtHand batch({&query, 1}, Together::no); lane_.run_now(batch)) {
    throw_first_error(batch.queries());
    co_return std::move(query.result);
  }
  co_await run_on(lane_, {&query, 1}, Together::no, executor_);
  co_return std::move(query.result);
}

Task<> QueryRunner::run_all(std::vector<data::Query>& queries, Together together) {
  if (queries.empty()) co_return;
  if (BatchAtHand batch(queries, together); lane_.run_now(batch)) {
    throw_first_error(queries);
    co_return;
  }
  co_await run_on(lane_, queries, together, executor_);
}

void QueryRunner::run_detached(const data::StatementInfo& statement, ByteBuffer parameters, Done done) {
  (new DetachedQuery(statement, std::move(parameters), std::move(done), executor_.loop(), lane_))->start();
}

Transaction::Transaction(data::Lease& lease) noexcept
    : QueryRunner(lease.backend(), lease, lease.executor()) {}

LeasedConnection::LeasedConnection(std::shared_ptr<data::Lease> lease) noexcept
    : QueryRunner(lease->backend(), *lease, lease->executor()), lease_(std::move(lease)) {}

LeasedConnection::~LeasedConnection() = default;

Database::Database(std::unique_ptr<data::Backend> backend, Executor executor) noexcept
    : QueryRunner(*backend, *backend, executor), owned_(std::move(backend)) {}

Database::~Database() = default;

Database::Maker Database::maker(const DatabaseConfig& config, Schema schema) {
  const data::DatabaseUrl url = data::parse_database_url(config.url);
  const unsigned migrations = data::migrate_at_start(config, schema);
  std::shared_ptr<data::Source> source;
  switch (url.kind) {
    case data::DatabaseUrl::Kind::none:
      throw std::invalid_argument("the database URL is \"none\": there is nothing to run statements on");
    case data::DatabaseUrl::Kind::postgres: source = data::postgres::make_source(url.target, config); break;
    case data::DatabaseUrl::Kind::sqlite_memory:
    case data::DatabaseUrl::Kind::sqlite_file:
      source = data::sqlite::make_source(url.target, config, std::move(schema));
      break;
  }
  return [source, migrations](const WorkerScope& scope) {
    if (migrations > 0 && scope.index == 0) {
      scope.log.info("the database was migrated", {{"migrations", migrations}});
    }
    return std::make_unique<Database>(source->make_backend(scope), scope.executor);
  };
}

Task<std::shared_ptr<data::Lease>> Database::acquire_lease(TimePoint deadline) {
  const auto coroutine = (co_await boost::asio::this_coro::cancellation_state).slot();
  if (backend().is_lane_held_by(coroutine)) {
    throw DatabaseError("25001", "a lease or transaction within another one of the same coroutine");
  }
  data::Lane* const lane = co_await acquire(backend(), executor());
  try {
    co_return std::make_shared<data::Lease>(backend(), *lane, executor(), deadline, coroutine);
  } catch (...) {
    backend().release(*lane);
    throw;
  }
}

Task<std::unique_ptr<LeasedConnection>> Database::lease(std::chrono::milliseconds at_most) {
  co_return std::make_unique<LeasedConnection>(
      co_await acquire_lease(std::chrono::steady_clock::now() + at_most));
}

Task<std::shared_ptr<data::Lease>> Database::begin(TransactionOptions options, TimePoint deadline) {
  auto lease = co_await acquire_lease(deadline);
  co_await run_command(*lease, begin_statement(options.isolation));
  co_return lease;
}

Task<> Database::commit(data::Lease& lease) {
  static const data::StatementInfo statement = command("COMMIT", "COMMIT");
  const bool is_in_time = !lease.is_over();
  if (is_in_time && lease.has_failed()) {
    throw DatabaseError("25P02", "a statement has failed, and its error was ignored");
  }
  try {
    co_await run_command(lease, statement);
  } catch (const DatabaseError& error) {
    // Other errors are the database's own: then nothing was committed.
    const bool is_lost = error.sqlstate().starts_with("08") || error.sqlstate().starts_with("57P0");
    if (is_in_time && (is_lost || lease.is_over())) throw DatabaseError("08007", error.detail());
    throw;
  }
}

Task<> Database::roll_back(data::Lease& lease, std::exception_ptr error, bool is_last) {
  static const data::StatementInfo statement = command("ROLLBACK", "ROLLBACK");
  try {
    if (!lease.is_over()) {
      co_await run_command(lease, statement);
    }
  } catch (const DatabaseError&) {  // NOLINT(bugprone-empty-catch): lost with its connection
  }
  try {
    std::rethrow_exception(error);
  } catch (const DatabaseError& conflict) {
    if (is_last || !conflict.is_conflict() || lease.is_over()) throw;
  }
}

bool Database::may_end() const noexcept {
  return owned_->may_end();
}

std::string Database::state() const {
  return owned_->state();
}

}  // namespace chopin
