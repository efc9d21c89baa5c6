#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "database_exchange.hpp"

namespace chopin::fuzz {

/// What libpq makes of the response to one query.
struct JudgedQuery {
  enum class Kind : std::uint8_t { result, error, skipped, refused };
  Kind kind = Kind::refused;
  std::string sqlstate{};
  std::string values{};  ///< as in data::Result
  std::size_t rows = 0;
  std::string affected{};  ///< digits, empty if there is none
};

/// Queries with one Sync.
struct JudgedGroup {
  std::vector<JudgedQuery> queries{};
  std::string sqlstate_at_sync{};
  bool is_complete = false;
};

struct Judgement {
  std::string sent;                   ///< what libpq sends for these batches
  std::vector<JudgedGroup> groups{};  ///< up to the first that is not complete
};

/// Lets libpq, in pipeline mode, execute the queries of these batches with unnamed statements and read the
/// server's bytes, after which the connection ends.
Judgement judge_with_libpq(const std::deque<PlannedBatch>& batches, std::string_view bytes);

/// Fails unless libpq takes whatever the exchange has taken, with the same rows, SQLSTATEs and numbers of
/// affected rows, and has sent the same. What libpq takes in addition is listed in data/libpq_judge_test.cpp.
void require_same_as_libpq(const DatabaseExchange& exchange, std::string_view bytes);

}  // namespace chopin::fuzz
