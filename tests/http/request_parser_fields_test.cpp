#include <string>

#include <gtest/gtest.h>

#include "http/parsing.hpp"
#include "http/request_parser.hpp"

namespace chopin::http {
namespace {

using namespace std::string_literals;

TEST(RequestParser, judges_field_lines) {
  const auto with = [](const std::string& line) {
    return rejection_of_head("GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n");
  };
  EXPECT_EQ(with("A: b"), Rejection::none);
  EXPECT_EQ(with("A:"), Rejection::none);
  EXPECT_EQ(with("A:\t b \t"), Rejection::none);
  EXPECT_EQ(with("A: \xc3\xa4"), Rejection::none);
  EXPECT_EQ(with("A : b"), Rejection::field_name);
  EXPECT_EQ(with(": b"), Rejection::field_name);
  EXPECT_EQ(with("A b"), Rejection::field_name);
  EXPECT_EQ(with("(A): b"), Rejection::field_name);
  EXPECT_EQ(with("A: b\0c"s), Rejection::field_value);
  EXPECT_EQ(with("A: b\x01"), Rejection::field_value);
  EXPECT_EQ(with("A: b\x7f"), Rejection::field_value);
  EXPECT_EQ(with("A: b\nB: c"), Rejection::field_value);
  EXPECT_EQ(with("A: b\rB: c"), Rejection::line_ending);
  EXPECT_EQ(with("A: b\r\n c"), Rejection::field_folded);
  EXPECT_EQ(with("A: b\r\n\tc"), Rejection::field_folded);
  EXPECT_EQ(with("A:\r\n c"), Rejection::field_folded);
  EXPECT_EQ(with("A:\r\n "), Rejection::field_folded);
  EXPECT_EQ(with("A: b\r\n "), Rejection::field_folded);
  EXPECT_EQ(with("A: " + std::string(5000, 'b') + "\r\n c"), Rejection::field_folded);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), Rejection::field_name);
}

TEST(RequestParser, judges_the_host) {
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.1\r\n\r\n"), Rejection::host_missing);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.0\r\n\r\n"), Rejection::none);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.1\r\nHost:\r\n\r\n"), Rejection::none);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n"), Rejection::host_repeated);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n"), Rejection::host_repeated);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), Rejection::host_malformed);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.0\r\nHost: u@h\r\n\r\n"), Rejection::host_malformed);
}

TEST(RequestParser, a_valid_host_before_does_not_excuse_a_malformed_one) {
  Limits limits;
  ParserScratch scratch(limits);
  const auto parse = [&](const char* head) { return RequestParser(limits, scratch).parse_head(head); };
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: good\r\n\r\n"), Progress::complete);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: go/d\r\n\r\n"), Progress::rejected);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: go/d\r\n\r\n"), Progress::rejected);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: good\r\n\r\n"), Progress::complete);
}

TEST(RequestParser, judges_content_length) {
  const auto with = [](const std::string& value) {
    return rejection_of_head("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + value + "\r\n\r\n");
  };
  EXPECT_EQ(with("0"), Rejection::none);
  EXPECT_EQ(with("0005"), Rejection::none);
  for (const char* bad : {"", "-1", "+1", "1,1", "1, 1", "1 1", "0x10", "1a", "1.0", "18446744073709551616",
                          "99999999999999999999999"}) {
    EXPECT_EQ(with(bad), Rejection::content_length_malformed) << bad;
  }
  EXPECT_EQ(with("18446744073709551615"), Rejection::body_too_large);
  EXPECT_EQ(with("5\r\nContent-Length: 5"), Rejection::content_length_repeated);
  EXPECT_EQ(with("5\r\nContent-Length: 6"), Rejection::content_length_repeated);
}

TEST(RequestParser, judges_transfer_encoding) {
  const auto with = [](const std::string& value, const char* version = "1.1") {
    return rejection_of_head(std::string("POST / HTTP/") + version +
                             "\r\nHost: h\r\nTransfer-Encoding: " + value + "\r\n\r\n");
  };
  EXPECT_EQ(with("chunked"), Rejection::none);
  EXPECT_EQ(with("Chunked"), Rejection::none);
  EXPECT_EQ(with("chunked", "1.0"), Rejection::transfer_encoding_in_http_1_0);
  EXPECT_EQ(with("gzip"), Rejection::transfer_coding_unknown);
  EXPECT_EQ(with("gzip, chunked"), Rejection::transfer_coding_unknown);
  EXPECT_EQ(with("identity"), Rejection::transfer_coding_unknown);
  EXPECT_EQ(with("xchunked"), Rejection::transfer_coding_unknown);
  for (const char* bad : {"", "chunked, gzip", "chunked, chunked", "chunked,", ",chunked", "chunked;q=1",
                          "chunked\r\nTransfer-Encoding: chunked", "\"chunked\"", "chun ked",
                          "\x0b"
                          "chunked"}) {
    const Rejection rejection = with(bad);
    EXPECT_TRUE(response_to(rejection).status == 400 && rejection != Rejection::none) << bad;
  }
  for (const std::string coding : {"chunked", "gzip"}) {
    EXPECT_EQ(with(coding + "\r\nContent-Length: 5"), Rejection::content_length_and_transfer_encoding);
    EXPECT_EQ(rejection_of_head("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: " +
                                coding + "\r\n\r\n"),
              Rejection::content_length_and_transfer_encoding);
  }
  EXPECT_EQ(with("gzip\r\n\r\n: body"), Rejection::transfer_coding_unknown);
}

TEST(RequestParser, judges_expectations) {
  const auto with = [](const std::string& value, const char* version = "1.1") {
    return rejection_of_head(std::string("POST / HTTP/") + version +
                             "\r\nHost: h\r\nContent-Length: 1\r\nExpect: " + value + "\r\n\r\n");
  };
  EXPECT_EQ(with("100-continue"), Rejection::none);
  EXPECT_EQ(with("100-Continue"), Rejection::none);
  EXPECT_EQ(with("tea"), Rejection::expectation_unknown);
  EXPECT_EQ(with("100-continue, tea"), Rejection::expectation_unknown);
  EXPECT_EQ(with("tea", "1.0"), Rejection::none);
}

}  // namespace
}  // namespace chopin::http
