#pragma once

#include <cstddef>
#include <exception>
#include <span>

#include "data/sqlite/connection.hpp"
#include "data/sqlite/job.hpp"

namespace chopin::data::sqlite {

/// Runs batches on the connection that writes: those of all workers together in one transaction, or those of
/// a lease as they come.
///
/// Thread safety: the writer's thread.
/// Lifetime: must not outlive the connection.
/// Throws: nothing; errors are those of the queries.
class Writer {
 public:
  static constexpr std::size_t most_together = 256;

  explicit Writer(Connection& connection) noexcept : connection_(connection) {}

  // Group commit: batches share a transaction, and so the price of its commit, but no failure.

  /// Runs the batch. It is done once `commit` has returned.
  void add(Job& job) noexcept;
  [[nodiscard]] bool is_full() const noexcept { return added_ >= most_together || is_lost_; }
  /// Commits what was added: `jobs`, in the order in which they were.
  void commit(JobList& jobs) noexcept;

  // A lease.

  void run_in_lease(Job& job) noexcept;
  /// Rolls back what is open.
  void end_lease() noexcept { connection_.roll_back(); }

 private:
  /// Where a query ended the transaction that all share.
  struct Culprit {
    const Job* job = nullptr;
    const Query* query = nullptr;
  };

  void begin() noexcept;
  void run_all(Job& job, std::span<Query> queries) noexcept;
  void run_in_savepoint(std::span<Query> queries) noexcept;
  /// All but the culprit: it would fail again, perhaps after its whole timeout.
  void run_each_alone(JobList& jobs, const Culprit& culprit) noexcept;
  void run_alone(Job& job) noexcept;
  void run_in_transaction(std::span<Query> queries) noexcept;
  void run_query_in_lease(WriterLease& lease, Query& query) noexcept;

  Connection& connection_;
  std::size_t added_ = 0;
  std::exception_ptr begin_error_;
  bool is_lost_ = false;
  Culprit culprit_;
};

}  // namespace chopin::data::sqlite
