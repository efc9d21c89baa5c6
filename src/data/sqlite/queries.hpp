#pragma once

#include <exception>
#include <span>

#include "chopin/rows.hpp"
#include "chopin/together.hpp"
#include "data/sqlite/connection.hpp"

namespace chopin::data::sqlite {

[[nodiscard]] inline bool has_error(const Query& query) noexcept {
  return query.error != nullptr;
}

void fail_all(std::span<Query> queries, const std::exception_ptr& error) noexcept;
/// After a failure of queries of which nothing remains: each has the error of the first that failed.
void share_error(std::span<Query> queries) noexcept;
/// Before they run again.
void forget_results(std::span<Query> queries) noexcept;

/// Runs a query that stands alone. Its error is the query's.
void run_query(Connection& connection, Query& query) noexcept;
/// Runs queries that only read: several see one state of the database, and cost the locks of one.
void run_reads(Connection& connection, std::span<Query> queries, Together together) noexcept;

}  // namespace chopin::data::sqlite
