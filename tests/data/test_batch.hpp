#pragma once

#include <exception>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "chopin/database_error.hpp"
#include "data/batch.hpp"

namespace chopin::data {

inline const StatementInfo one_number("SELECT 1", "", {}, {Type::int32}, false, false);

struct OwnedQueries {
  explicit OwnedQueries(std::initializer_list<const StatementInfo*> statements) {
    for (const StatementInfo* const statement : statements) owned.emplace_back(statement, ByteBuffer());
  }
  std::vector<Query> owned;
};

/// A batch that counts how often it is done.
class TestBatch final : private OwnedQueries, public Batch {
 public:
  /// Its queries have no parameters.
  TestBatch(std::initializer_list<const StatementInfo*> statements, Together together = Together::no)
      : OwnedQueries(statements), Batch(owned, together) {}

  void on_done() noexcept override {
    ++done;
    if (then) then();
  }

  /// The SQLSTATE of a query's error, empty if it has none.
  [[nodiscard]] std::string error(std::size_t query = 0) const { return described(query, false); }
  /// Its detail.
  [[nodiscard]] std::string detail(std::size_t query = 0) const { return described(query, true); }
  [[nodiscard]] const Result& result(std::size_t query = 0) const { return owned[query].result; }

  int done = 0;
  std::function<void()> then{};  ///< called when it is done

 private:
  [[nodiscard]] std::string described(std::size_t query, bool detail) const {
    if (owned[query].error == nullptr) return "";
    try {
      std::rethrow_exception(owned[query].error);
    } catch (const DatabaseError& error) {
      return detail ? error.detail() : std::string(error.sqlstate());
    }
  }
};

}  // namespace chopin::data
