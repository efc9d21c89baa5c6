#include "json/error_object.hpp"

#include <gtest/gtest.h>

namespace chopin::json {
namespace {

TEST(ErrorObject, names_code_and_message) {
  EXPECT_EQ(error_object("NOT_FOUND", "no \"such\" thing"),
            R"({"success":false,"error":{"code":"NOT_FOUND","message":"no \"such\" thing"}})");
}

TEST(ErrorObject, names_the_invalid_members_if_there_are_any) {
  EXPECT_EQ(
      error_object("VALIDATION_ERROR", "invalid", {{"name", "is missing"}, {"a\n", "must be a number"}}),
      R"({"success":false,"error":{"code":"VALIDATION_ERROR","message":"invalid",)"
      R"("fields":{"name":"is missing","a\n":"must be a number"}}})");
}

}  // namespace
}  // namespace chopin::json
