#include "chopin/database_error.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace chopin {
namespace {

TEST(DatabaseError, has_the_status_of_its_sqlstate) {
  for (const auto& [sqlstate, status] : {std::pair{"23505", std::uint16_t{409}},
                                         {"23503", 409},
                                         {"23P01", 409},
                                         {"23502", 422},
                                         {"23514", 422},
                                         {"22001", 422},
                                         {"22003", 422},
                                         {"22007", 422},
                                         {"22008", 422},
                                         {"22P02", 422},
                                         {"57014", 504},
                                         {"53100", 507},
                                         {"53300", 503},
                                         {"57P01", 503},
                                         {"57P02", 503},
                                         {"57P03", 503},
                                         {"57P04", 503},
                                         {"57P05", 503},
                                         {"57000", 500},
                                         {"58P01", 500},
                                         {"08000", 503},
                                         {"08006", 503},
                                         {"08007", 500},
                                         {"08P01", 503},
                                         {"40001", 503},
                                         {"40P01", 503},
                                         {"40002", 500},
                                         {"22012", 500},
                                         {"23000", 500},
                                         {"25001", 500},
                                         {"42601", 500},
                                         {"42804", 500},
                                         {"53200", 500},
                                         {"XX000", 500},
                                         {"", 500}}) {
    EXPECT_EQ(status_of_sqlstate(sqlstate), status) << sqlstate;
    EXPECT_EQ(DatabaseError(sqlstate, "").status(), status) << sqlstate;
  }
}

TEST(DatabaseError, asks_to_retry_with_503_alone) {
  for (const auto& [sqlstate, asks] : {std::pair{"08006", true},
                                       {"53300", true},
                                       {"40001", true},
                                       {"08007", false},
                                       {"57014", false},
                                       {"23505", false},
                                       {"42601", false}}) {
    const DatabaseError error(sqlstate, "");
    ASSERT_EQ(error.response_fields().size(), asks ? 1U : 0U) << sqlstate;
    if (asks) {
      EXPECT_EQ(error.response_fields().front(), std::pair(std::string("Retry-After"), std::string("1")));
    }
  }
}

TEST(DatabaseError, tells_clients_nothing_of_its_detail) {
  for (const char* sqlstate : {"23505", "42601", "08006", "57014", "22P02"}) {
    const DatabaseError error(sqlstate, "Key (email)=(secret@example.org) exists");
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << sqlstate;
    EXPECT_NE(std::string(error.what()), "") << sqlstate;
    EXPECT_TRUE(error.fields().empty()) << sqlstate;
    EXPECT_EQ(error.detail(), "Key (email)=(secret@example.org) exists");
    EXPECT_EQ(error.sqlstate(), sqlstate);
  }
}

TEST(DatabaseError, of_a_lost_commit_is_told_apart_from_other_losses) {
  EXPECT_TRUE(DatabaseError("08007", "").is_outcome_unknown());
  EXPECT_FALSE(DatabaseError("08006", "").is_outcome_unknown());
  EXPECT_FALSE(DatabaseError("40001", "").is_outcome_unknown());
}

TEST(DatabaseError, is_a_conflict_if_the_transaction_may_succeed_again) {
  EXPECT_TRUE(DatabaseError("40001", "").is_conflict());
  EXPECT_TRUE(DatabaseError("40P01", "").is_conflict());
  EXPECT_FALSE(DatabaseError("40002", "").is_conflict());
  EXPECT_FALSE(DatabaseError("23505", "").is_conflict());
}

}  // namespace
}  // namespace chopin
