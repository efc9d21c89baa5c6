#include "data/sqlite/prepared.hpp"

#include <algorithm>
#include <charconv>
#include <sqlite3.h>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "data/sqlite/error.hpp"
#include "data/sqlite/values.hpp"

namespace chopin::data::sqlite {
namespace {

/// Ends an execution, and so the read transaction that it may have.
class Execution {
 public:
  Execution(sqlite3_stmt* statement, bool has_texts) noexcept
      : statement_(statement), has_texts_(has_texts) {}
  ~Execution() {
    sqlite3_reset(statement_);
    if (has_texts_) sqlite3_clear_bindings(statement_);  // they are not copies
  }
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

 private:
  sqlite3_stmt* const statement_;
  const bool has_texts_;
};

/// The number in "$12"; 0 for any other name.
std::size_t number_of(const char* name) noexcept {
  const std::string_view text = name == nullptr ? "" : name;
  std::size_t number = 0;
  if (!text.starts_with('$')) return 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

bool is_text(Type type) noexcept {
  return type == Type::text || type == Type::json;
}

}  // namespace

void Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Prepared::Prepared(sqlite3* database, const StatementInfo& info)
    : has_texts_(std::ranges::any_of(info.parameters, is_text)) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(database, info.sqlite.c_str(), static_cast<int>(info.sqlite.size() + 1),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  statement_.reset(statement);
  if (code != SQLITE_OK) throw error_of(database, code, info.sqlite);
  if (statement == nullptr) throw DatabaseError("42601", "a statement without text");
  if (std::string_view(rest).find_first_not_of("; \t\r\n") != std::string_view::npos) {
    throw DatabaseError("42601", fmt::format("{}: more than one statement", info.sqlite));
  }
  is_readonly_ = sqlite3_stmt_readonly(statement) != 0;
  find_places(info);
  check_columns(info);
}

void Prepared::find_places(const StatementInfo& info) {
  places_.resize(info.parameters.size());
  const int count = sqlite3_bind_parameter_count(statement_.get());
  for (int place = 1; place <= count; ++place) {
    const char* const name = sqlite3_bind_parameter_name(statement_.get(), place);
    const std::size_t number = number_of(name);
    if (number == 0 || number > places_.size()) {
      throw DatabaseError("42P02", fmt::format("{}: the parameter {} is not declared", info.sqlite,
                                               name == nullptr ? "?" : name));
    }
    places_[number - 1] = place;
  }
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i] == 0) {
      throw DatabaseError("42P18", fmt::format("{}: the parameter ${} is not used", info.sqlite, i + 1));
    }
  }
}

void Prepared::check_columns(const StatementInfo& info) const {
  const int count = sqlite3_column_count(statement_.get());
  if (std::cmp_not_equal(count, info.columns.size())) {
    throw DatabaseError(
        "42804", fmt::format("{}: {} columns, and {} are declared", info.sqlite, count, info.columns.size()));
  }
}

void Prepared::run(Query& query, std::size_t most_bytes) {
  sqlite3_stmt* const statement = statement_.get();
  sqlite3* const database = sqlite3_db_handle(statement);
  const StatementInfo& info = *query.statement;
  const Execution execution(statement, has_texts_);
  bind_values(statement, info.parameters, places_, query.parameters.bytes());
  const std::int64_t changed_before = is_readonly_ ? 0 : sqlite3_total_changes64(database);
  Result& result = query.result;
  int code = sqlite3_step(statement);
  // SQLite prepares again if the tables have changed, and then there may be other columns.
  if (code == SQLITE_ROW) check_columns(info);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    append_row(statement, info.columns, result.values);
    ++result.rows;
    if (result.values.size() > most_bytes) {
      throw DatabaseError("54000", fmt::format("the result has more than {} bytes", most_bytes));
    }
  }
  if (code != SQLITE_DONE) throw error_of(database, code, "");
  result.affected = result.rows;
  // sqlite3_changes keeps what an earlier statement changed, if this one changes no rows by its nature.
  if (!is_readonly_ && info.columns.empty() && sqlite3_total_changes64(database) != changed_before) {
    result.affected = static_cast<std::uint64_t>(sqlite3_changes64(database));
  }
}

}  // namespace chopin::data::sqlite
