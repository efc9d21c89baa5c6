#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "http/parsing.hpp"
#include "http/request_parser.hpp"

namespace chopin::http {
namespace {

TEST(RequestParser, limits_the_size_of_the_head) {
  const auto head_of = [](std::size_t size) {
    const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nA: ";
    const std::string middle = "\r\nB: ";
    return start + std::string(4000, 'a') + middle +
           std::string(size - start.size() - 4000 - middle.size() - 4, 'b') + "\r\n\r\n";
  };
  EXPECT_EQ(rejection_of_head(head_of(8192)), Rejection::none);
  EXPECT_EQ(rejection_of_head(head_of(8193)), Rejection::head_too_large);
  EXPECT_EQ(rejection_of_head(head_of(8193).substr(0, 8192)), Rejection::head_too_large);
  Parsing parsing;
  EXPECT_EQ(parsing.parser.parse_head(head_of(8193).substr(0, 8191)), Progress::incomplete);
}

TEST(RequestParser, limits_the_size_of_the_request_line_to_that_of_the_head) {
  const auto line_of = [](std::size_t size) {
    return "GET /" + std::string(size - 16, 'a') + " HTTP/1.1\r\n";
  };
  const std::string rest = "Host: h\r\n\r\n";
  ASSERT_EQ(line_of(8192).size(), 8192U);
  EXPECT_EQ(rejection_of_head(line_of(8192 - rest.size()) + rest), Rejection::none);
  EXPECT_EQ(rejection_of_head(line_of(8192) + rest), Rejection::head_too_large);
  EXPECT_EQ(rejection_of_head(line_of(8193) + rest), Rejection::request_line_too_long);
  EXPECT_EQ(rejection_of_head("GET /" + std::string(8187, 'a')), Rejection::request_line_too_long);
  EXPECT_EQ(rejection_of_head("GET /" + std::string(8187, 'a') + "\x01"), Rejection::request_line_too_long);
  EXPECT_EQ(rejection_of_head("GET /\x01" + std::string(8187, 'a')), Rejection::target_malformed);
}

TEST(RequestParser, a_method_longer_than_a_head_may_be_is_not_implemented) {
  EXPECT_EQ(rejection_of_head(std::string(8192, 'A')), Rejection::method_unknown);
  EXPECT_EQ(rejection_of_head(std::string(9000, 'A') + " / HTTP/1.1\r\nHost: h\r\n\r\n"),
            Rejection::method_unknown);
  EXPECT_EQ(rejection_of_head(std::string(8191, 'A') + " "), Rejection::request_line_too_long);
}

TEST(RequestParser, limits_the_number_of_fields) {
  const auto with_fields = [](std::size_t count) {
    std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (std::size_t i = 1; i < count; ++i) head += "A: b\r\n";
    return head + "\r\n";
  };
  EXPECT_EQ(rejection_of_head(with_fields(100)), Rejection::none);
  EXPECT_EQ(rejection_of_head(with_fields(101)), Rejection::fields_too_many);
}

TEST(RequestParser, takes_as_many_connection_options_as_fields) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nConnection: " + repeated("a,", 98);
  EXPECT_EQ(rejection_of_head(start + "b,c\r\n\r\n"), Rejection::none);
  EXPECT_EQ(rejection_of_head(start + "b,c,d\r\n\r\n"), Rejection::connection_options_too_many);
  EXPECT_EQ(rejection_of_head(start + "b\r\nAccept: " + repeated("a,", 200) + "\r\n\r\n"), Rejection::none);
  EXPECT_EQ(rejection_of_head(start + "b\r\n\r\nConnection: " + repeated("a,", 200) + "\r\n"),
            Rejection::none);  // of the next request
}

}  // namespace
}  // namespace chopin::http
