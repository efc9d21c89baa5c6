#include "http/status.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

using Statuses = std::initializer_list<std::uint16_t>;

TEST(Status, of_an_error_has_the_documented_code) {
  EXPECT_EQ(error_code(400), "BAD_REQUEST");
  EXPECT_EQ(error_code(401), "UNAUTHORIZED");
  EXPECT_EQ(error_code(403), "FORBIDDEN");
  EXPECT_EQ(error_code(404), "NOT_FOUND");
  EXPECT_EQ(error_code(405), "METHOD_NOT_ALLOWED");
  EXPECT_EQ(error_code(409), "CONFLICT");
  EXPECT_EQ(error_code(413), "PAYLOAD_TOO_LARGE");
  EXPECT_EQ(error_code(422), "VALIDATION_ERROR");
  EXPECT_EQ(error_code(429), "TOO_MANY_REQUESTS");
  EXPECT_EQ(error_code(500), "INTERNAL_ERROR");
}

TEST(Status, otherwise_has_its_reason_phrase_as_code) {
  EXPECT_EQ(error_code(408), "REQUEST_TIMEOUT");
  EXPECT_EQ(error_code(414), "URI_TOO_LONG");
  EXPECT_EQ(error_code(431), "REQUEST_HEADER_FIELDS_TOO_LARGE");
  EXPECT_EQ(error_code(501), "NOT_IMPLEMENTED");
  EXPECT_EQ(error_code(505), "HTTP_VERSION_NOT_SUPPORTED");
  EXPECT_EQ(error_code(418), "BAD_REQUEST");
  EXPECT_EQ(error_code(499), "BAD_REQUEST");
  EXPECT_EQ(error_code(599), "INTERNAL_ERROR");
}

TEST(Status, of_every_error_has_a_code_in_capitals) {
  for (std::uint16_t status = 400; status < 600; ++status) {
    const std::string code = error_code(status);
    EXPECT_FALSE(code.empty()) << status;
    EXPECT_TRUE(std::ranges::all_of(code, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; })) << code;
  }
}

TEST(Status, has_the_reason_phrase_of_the_registry_or_none) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(203), "Non-Authoritative Information");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(422), "Unprocessable Content");
  for (const std::uint16_t status : Statuses{199, 209, 306, 418, 430, 499, 509, 510, 599}) {
    EXPECT_EQ(reason_phrase(status), "") << status;
  }
}

TEST(Status, without_a_body_is_204_or_304) {
  for (std::uint16_t status = 200; status < 600; ++status) {
    EXPECT_EQ(has_no_body(status), status == 204 || status == 304) << status;
  }
}

}  // namespace
}  // namespace chopin::http
