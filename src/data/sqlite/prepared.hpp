#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "chopin/rows.hpp"

struct sqlite3;       // NOLINT(readability-identifier-naming): it is SQLite's
struct sqlite3_stmt;  // NOLINT(readability-identifier-naming): it is SQLite's

namespace chopin::data::sqlite {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept;
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, Finalize>;

/// What a statement does to transactions.
enum class Control : std::uint8_t { none, begin, commit, roll_back, savepoint };

/// A statement that is prepared on one connection.
///
/// Thread safety: that of the connection.
/// Lifetime: must not outlive the connection.
/// Throws: DatabaseError; std::bad_alloc.
class Prepared {
 public:
  /// Throws if the columns or parameters are not as many as declared.
  Prepared(sqlite3* database, const StatementInfo& info);

  /// Fills the query's result. More than `most_bytes` of values: DatabaseError 54000.
  void run(Query& query, std::size_t most_bytes);

  [[nodiscard]] bool is_readonly() const noexcept { return is_readonly_; }
  [[nodiscard]] Control control() const noexcept { return control_; }
  void set_control(Control control) noexcept { control_ = control; }

  /// A worker does not try this statement the next `times` times.
  void skip(unsigned times) noexcept { skipped_ = times; }
  [[nodiscard]] bool take_skip() noexcept {
    if (skipped_ == 0) return false;
    --skipped_;
    return true;
  }

 private:
  void find_places(const StatementInfo& info);
  void check_columns(const StatementInfo& info) const;

  StatementHandle statement_;
  std::vector<int> places_;  // SQLite's indices of $1, $2, ...
  bool is_readonly_ = false;
  bool has_texts_ = false;
  Control control_ = Control::none;
  unsigned skipped_ = 0;
};

}  // namespace chopin::data::sqlite
