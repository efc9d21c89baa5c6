#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "http/parsing.hpp"
#include "http/request_parser.hpp"

namespace chopin::http {
namespace {

TEST(RequestParser, judges_the_request_line) {
  EXPECT_EQ(rejection_of_head("\x16\x03\x01\x02"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head(" GET / HTTP/1.1\r\n"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head("GE(T / HTTP/1.1\r\n"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head("GET  / HTTP/1.1\r\n"), Rejection::target_malformed);
  EXPECT_EQ(rejection_of_head("GET /\r\n"), Rejection::target_malformed);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.1 \r\n"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.1\nHost: h\n\n"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head("GET / http/1.1\r\n"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.11\r\n"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head("GET / HTTP/1.2x\r\n"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head("GET / HTTP/2.0\r\n"), Rejection::version_unsupported);
  EXPECT_EQ(rejection_of_head("GET / HTTP/0.9\r\n"), Rejection::version_unsupported);
  for (const char* end : {"", "H", "HTTP", "HTTP/1", "HTTP/1.1x", "HTTP/1.1 "}) {
    EXPECT_EQ(rejection_of_head(std::string("GET / ") + end + "\r\n\r\n"), Rejection::request_line_malformed)
        << end;
  }
  EXPECT_EQ(rejection_of_head("GET / HTTP/2.0x"), Rejection::request_line_malformed);
  EXPECT_EQ(rejection_of_head("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Rejection::http2_preface);
  EXPECT_EQ(rejection_of_head("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"), Rejection::method_unknown);
  EXPECT_EQ(rejection_of_head("get / HTTP/1.1\r\nHost: h\r\n\r\n"), Rejection::method_unknown);
}

TEST(RequestParser, reads_later_minor_versions_as_1_1) {
  for (const char minor : std::string_view("23456789")) {
    const std::string start = std::string("POST /a?b HTTP/1.") + minor + "\r\n";
    const std::string bytes = start + "Host: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    Parsing parsing;
    ASSERT_EQ(parsing.parser.parse_head(bytes), Progress::complete) << minor;
    const RequestHead& head = parsing.parser.head();
    EXPECT_EQ(head.method, Method::post);
    EXPECT_EQ(head.target, "/a?b");
    EXPECT_EQ(head.path, "/a");
    EXPECT_TRUE(head.is_http_1_1);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_EQ(head.size, bytes.size() - 5);
    ASSERT_EQ(head.fields.size(), 2U);
    EXPECT_EQ(head.fields[0].value, "h");
    EXPECT_TRUE(parsing.parser.has_body());
    EXPECT_EQ(rejection_of_head(start + "\r\n"), Rejection::host_missing);
    EXPECT_EQ(rejection_of_head(start + "Host: h\r\nHost: h\r\n"), Rejection::host_repeated);
    EXPECT_EQ(rejection_of_head("GET x" + start.substr(8)), Rejection::target_malformed);
    for (std::size_t size = 0; size < head.size; ++size) {
      EXPECT_EQ(rejection_of_head(bytes.substr(0, size)), Rejection::none) << size;
    }
  }
}

TEST(RequestParser, gives_the_authority_of_an_absolute_target_as_the_host) {
  const auto host = [](const std::string& head) {
    Parsing parsing;
    EXPECT_EQ(parsing.parser.parse_head(head), Progress::complete) << head;
    std::string hosts;
    for (const Field& field : parsing.parser.head().fields) {
      if (field.name == "Host") hosts += field.value;
    }
    return hosts;
  };
  EXPECT_EQ(host("GET http://a.example:81/x HTTP/1.1\r\nA: b\r\nHost: b.example\r\nC: d\r\n\r\n"),
            "a.example:81");
  EXPECT_EQ(host("OPTIONS HTTPS://[::1] HTTP/1.1\r\nHost:\r\n\r\n"), "[::1]");
  EXPECT_EQ(host("GET http://a?b HTTP/1.0\r\n\r\n"), "a");
  EXPECT_EQ(host("GET http://a/ HTTP/1.7\r\nHost: b\r\n\r\n"), "a");
  EXPECT_EQ(host("GET /?http://a/ HTTP/1.1\r\nHost: b\r\n\r\n"), "b");
  const std::string full = "GET http://a/ HTTP/1.0\r\n" + repeated("A: b\r\n", 99);
  EXPECT_EQ(host(full + "\r\n"), "a");
  EXPECT_EQ(rejection_of_head(full + "A: b\r\n\r\n"), Rejection::fields_too_many);
}

TEST(RequestParser, waits_for_the_end_of_a_line_before_it_judges_the_version) {
  Parsing parsing;
  EXPECT_EQ(parsing.parser.parse_head("GET / HTTP/2.0"), Progress::incomplete);
}

}  // namespace
}  // namespace chopin::http
