#include "data/sqlite/queries.hpp"

#include <algorithm>

namespace chopin::data::sqlite {

void fail_all(std::span<Query> queries, const std::exception_ptr& error) noexcept {
  for (Query& query : queries) query.error = error;
}

void share_error(std::span<Query> queries) noexcept {
  const auto failed = std::ranges::find_if(queries, has_error);
  if (failed == queries.end()) return;
  const std::exception_ptr error = failed->error;
  fail_all(queries, error);
}

void forget_results(std::span<Query> queries) noexcept {
  for (Query& query : queries) {
    query.result = Result();
    query.error = nullptr;
  }
}

void run_query(Connection& connection, Query& query) noexcept try { connection.run(query); } catch (...) {
  query.error = std::current_exception();
}

void run_reads(Connection& connection, std::span<Query> queries, Together together) noexcept try {
  if (queries.size() > 1) connection.execute(Command::begin);
  for (Query& query : queries) {
    run_query(connection, query);
    if (!has_error(query) || together == Together::no) continue;
    share_error(queries);
    break;
  }
  connection.roll_back();  // there is nothing to commit
} catch (...) {
  fail_all(queries, std::current_exception());
}

}  // namespace chopin::data::sqlite
