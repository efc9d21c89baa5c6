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

TEST(ErrorObject, names_a_member_once_with_its_first_fault) {
  EXPECT_EQ(error_object("E", "m", {{"a", "1"}, {"b", "2"}, {"a", "3"}, {"b", "4"}}),
            R"({"success":false,"error":{"code":"E","message":"m","fields":{"a":"1","b":"2"}}})");
}

}  // namespace
}  // namespace chopin::json
