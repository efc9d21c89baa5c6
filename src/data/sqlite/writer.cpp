#include "data/sqlite/writer.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "chopin/database_error.hpp"
#include "data/sqlite/queries.hpp"

namespace chopin::data::sqlite {
namespace {

std::exception_ptr error_with(std::string_view sqlstate, const char* detail) noexcept {
  try {
    return std::make_exception_ptr(DatabaseError(sqlstate, detail));
  } catch (...) {
    return std::current_exception();
  }
}

/// In a transaction the database being busy is a conflict: who began it may begin again.
std::exception_ptr as_conflict_if_busy(std::exception_ptr error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const DatabaseError& busy) {
    if (busy.sqlstate() == "53300") return error_with("40001", busy.detail().c_str());
    return error;
  } catch (...) {
    return error;
  }
}

bool is_of_constraint(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const DatabaseError& constraint) {
    return constraint.sqlstate().starts_with("23");
  } catch (...) {
    return false;
  }
}

}  // namespace

void Writer::begin() noexcept try { connection_.execute(Command::begin_immediate); } catch (...) {
  begin_error_ = std::current_exception();
}

void Writer::add(Job& job) noexcept {
  if (added_++ == 0) begin();
  if (begin_error_ != nullptr) return job.fail(begin_error_);
  if (job.together == Together::yes) return run_all(job, job.queries);
  for (Query& query : job.queries) {
    run_all(job, {&query, 1});
    if (is_lost_) return;
  }
}

void Writer::run_all(Job& job, std::span<Query> queries) noexcept {
  // A statement that fails leaves nothing behind, unless the fault is in the rows that it returns.
  if (queries.size() == 1 && queries.front().statement->columns.empty()) {
    run_query(connection_, queries.front());
  } else {
    run_in_savepoint(queries);
  }
  if (connection_.has_transaction()) return;
  is_lost_ = true;
  const auto failed = std::ranges::find_if(queries, has_error);
  culprit_ = {&job, failed == queries.end() ? nullptr : &*failed};
}

void Writer::run_in_savepoint(std::span<Query> queries) noexcept try {
  connection_.execute(Command::savepoint);
  for (Query& query : queries) {
    run_query(connection_, query);
    if (!has_error(query)) continue;
    share_error(queries);
    if (!connection_.has_transaction()) return;
    connection_.execute(Command::roll_back_to);
    break;
  }
  connection_.execute(Command::release);
} catch (...) {
  fail_all(queries, std::current_exception());
  connection_.roll_back();
}

void Writer::commit(JobList& jobs) noexcept {
  added_ = 0;
  const Culprit culprit = std::exchange(culprit_, {});
  if (std::exchange(begin_error_, nullptr) != nullptr) return;
  if (std::exchange(is_lost_, false)) return run_each_alone(jobs, culprit);
  try {
    connection_.execute(Command::commit);
  } catch (...) {
    const std::exception_ptr error = std::current_exception();
    connection_.roll_back();
    // A constraint that is checked at the commit is the fault of one of them.
    if (is_of_constraint(error)) return run_each_alone(jobs, culprit);
    for (Job& job : jobs) job.fail(error);
  }
}

void Writer::run_each_alone(JobList& jobs, const Culprit& culprit) noexcept {
  const std::exception_ptr error = culprit.query == nullptr ? nullptr : culprit.query->error;
  for (Job& job : jobs) {
    const bool is_culprit = &job == culprit.job && error != nullptr;
    if (is_culprit && job.together == Together::yes) continue;
    forget_results(job.queries);
    if (!is_culprit) {
      run_alone(job);
      continue;
    }
    for (Query& query : job.queries) {
      if (&query == culprit.query) {
        query.error = error;
      } else {
        run_in_transaction({&query, 1});
      }
    }
  }
}

void Writer::run_alone(Job& job) noexcept {
  if (job.together == Together::yes) return run_in_transaction(job.queries);
  for (Query& query : job.queries) run_in_transaction({&query, 1});
}

void Writer::run_in_transaction(std::span<Query> queries) noexcept try {
  connection_.execute(Command::begin_immediate);
  for (Query& query : queries) {
    run_query(connection_, query);
    if (!has_error(query)) continue;
    share_error(queries);
    return connection_.roll_back();
  }
  connection_.execute(Command::commit);
} catch (...) {
  fail_all(queries, std::current_exception());
  connection_.roll_back();
}

void Writer::run_in_lease(Job& job) noexcept {
  const bool is_all = job.together == Together::yes;
  for (Query& query : job.queries) {
    run_query_in_lease(*job.lease, query);
    if (!has_error(query) || !is_all) continue;
    share_error(job.queries);
    return;
  }
}

void Writer::run_query_in_lease(WriterLease& lease, Query& query) noexcept {
  const bool had_transaction = connection_.has_transaction();
  try {
    Prepared& prepared = connection_.prepared(*query.statement);
    if (prepared.control() == Control::roll_back) {
      connection_.roll_back();
      lease.has_failed = false;
      return;
    }
    if (lease.has_failed) {
      throw DatabaseError("25P02", "a statement of the transaction has failed: it can only be rolled back");
    }
    connection_.run(prepared, query);
  } catch (...) {
    query.error = as_conflict_if_busy(std::current_exception());
    lease.has_failed = lease.has_failed || had_transaction;
  }
}

}  // namespace chopin::data::sqlite
