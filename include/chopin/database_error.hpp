#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "chopin/error.hpp"

namespace chopin {

/// What a database refused, or why it could not be asked. A handler that does not catch it responds with
/// `status_of_sqlstate`; 503 comes with Retry-After, 500 has the code DATABASE_ERROR. The client sees a
/// general message; from 500 on the log has SQLSTATE and detail.
///
/// Faults that the server never sees have the SQLSTATE that fits: 08001 no connection can be made, 08006 it
/// was lost, 08007 it is not known whether a transaction was committed, 53300 no connection became free in
/// time, 57014 the statement took too long, 25001 a lease was asked for while the transaction already had
/// one, 42804 a column or parameter is not of the declared type.
///
/// Thread safety: immutable.
/// Lifetime: owns its texts.
/// Throws: std::bad_alloc.
class DatabaseError : public HttpError {
 public:
  /// `sqlstate`: five characters, appendix A of PostgreSQL's manual. `detail`: for the log. `state`: of the
  /// connections, added to the message if it is not empty.
  DatabaseError(std::string_view sqlstate, std::string detail, std::string_view state = {});

  [[nodiscard]] std::string_view sqlstate() const noexcept { return sqlstate_; }
  /// What the database said. May hold values of rows, so it is not for clients.
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
  /// Whether the same transaction may succeed if it is run again: 40001, 40P01.
  [[nodiscard]] bool is_conflict() const noexcept { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }
  /// Whether the transaction may have been committed: 08007. Its client is not asked to repeat it.
  [[nodiscard]] bool is_outcome_unknown() const noexcept { return sqlstate_ == "08007"; }

 private:
  std::string sqlstate_;
  std::string detail_;
};

/// The status of a response for an error of the database:
///
/// | SQLSTATE                                        | status |
/// |-------------------------------------------------|--------|
/// | 23505 unique, 23503 foreign key, 23P01 exclusion | 409   |
/// | 23502, 23514, 22001, 22003, 22007, 22008, 22021, 22P02 | 422   |
/// | 57014 query cancelled                            | 504   |
/// | 53100 disk full                                  | 507   |
/// | 53300, 57P0x, 08xxx but 08007, 40001, 40P01      | 503   |
/// | all else, 08007                                  | 500   |
std::uint16_t status_of_sqlstate(std::string_view sqlstate) noexcept;

}  // namespace chopin
