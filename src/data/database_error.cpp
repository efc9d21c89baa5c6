#include "chopin/database_error.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chopin {
namespace {

struct Meaning {
  std::string_view sqlstate;  // or its class, the first two characters
  std::uint16_t status;
  std::string_view message;  // for the client
};

constexpr std::array meanings{
    Meaning{"08007", 500, "the database was lost during a commit: the change may have been made or not"},
    Meaning{"08", 503, "the database cannot be reached"},
    Meaning{"22001", 422, "a value is too long"},
    Meaning{"22003", 422, "a number is out of range"},
    Meaning{"22007", 422, "a date or time is malformed"},
    Meaning{"22008", 422, "a date or time is out of range"},
    Meaning{"22021", 422, "a text holds a zero byte or is not well-formed UTF-8"},
    Meaning{"22P02", 422, "a value is malformed"},
    Meaning{"23502", 422, "a value is missing"},
    Meaning{"23503", 409, "something refers to this, or it refers to something that does not exist"},
    Meaning{"23505", 409, "it exists already"},
    Meaning{"23514", 422, "a value is not allowed"},
    Meaning{"23P01", 409, "it conflicts with something that exists"},
    Meaning{"40001", 503, "too many changes at the same time"},
    Meaning{"40P01", 503, "too many changes at the same time"},
    Meaning{"53100", 507, "the database is full"},
    Meaning{"53300", 503, "the database is busy"},
    Meaning{"57014", 504, "the database took too long"},
    Meaning{"57P01", 503, "the database is restarting"},
    Meaning{"57P02", 503, "the database is restarting"},
    Meaning{"57P03", 503, "the database is starting"},
    Meaning{"57P0", 503, "the database has ended the connection"},
};

const Meaning& meaning_of(std::string_view sqlstate) noexcept {
  static constexpr Meaning other{"", 500, "the database refused the statement"};
  const auto* const found = std::ranges::find_if(
      meanings, [&](const Meaning& meaning) { return sqlstate.starts_with(meaning.sqlstate); });
  return found == meanings.end() ? other : *found;
}

std::string message_of(std::string_view sqlstate, std::string_view state) {
  std::string message(meaning_of(sqlstate).message);
  if (!state.empty()) message.append(": ").append(state);
  return message;
}

}  // namespace

DatabaseError::DatabaseError(std::string_view sqlstate, std::string detail, std::string_view state)
    : HttpError(status_of_sqlstate(sqlstate), message_of(sqlstate, state)),
      sqlstate_(sqlstate),
      detail_(std::move(detail)) {
  if (status() == 503) add_field("Retry-After", "1");
  if (status() == 500) set_code("DATABASE_ERROR");
}

std::uint16_t status_of_sqlstate(std::string_view sqlstate) noexcept {
  return meaning_of(sqlstate).status;
}

}  // namespace chopin
