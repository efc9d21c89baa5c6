#include "http/request_parser.hpp"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "http/parsing.hpp"

namespace chopin::http {
namespace {

TEST(RequestParser, finds_the_parts_of_a_head) {
  Parsing parsing;
  const std::string bytes = "POST /a?b HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nContent-Length: 3\r\n\r\nabcGET";
  ASSERT_EQ(parsing.parser.parse_head(bytes), Progress::complete);
  EXPECT_EQ(parsing.parser.head().method, Method::post);
  EXPECT_EQ(parsing.parser.head().target, "/a?b");
  EXPECT_EQ(parsing.parser.head().path, "/a");
  EXPECT_TRUE(parsing.parser.head().is_http_1_1);
  EXPECT_EQ(parsing.parser.head().size, bytes.size() - 6);
  ASSERT_EQ(parsing.parser.head().fields.size(), 3U);
  EXPECT_EQ(parsing.parser.head().fields[1].name, "X-One");
  EXPECT_EQ(parsing.parser.head().fields[1].value, "1");
  EXPECT_TRUE(parsing.parser.has_body());
  std::size_t consumed = 0;
  EXPECT_EQ(parsing.parser.parse_body("abcGET", consumed), Progress::complete);
  EXPECT_EQ(consumed, 3U);
}

TEST(RequestParser, is_incomplete_at_every_prefix_and_complete_at_the_end) {
  const std::string head = "GET /plaintext?q=1 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size) {
    Parsing parsing;
    EXPECT_EQ(parsing.parser.parse_head(head.substr(0, size)), Progress::incomplete) << size;
  }
  Parsing parsing;
  EXPECT_EQ(parsing.parser.parse_head(head), Progress::complete);
}

TEST(RequestParser, derives_keep_alive_from_version_and_connection_field) {
  struct Case {
    const char* head;
    bool keep_alive;
  };
  for (const Case& c :
       {Case{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
        Case{"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
        Case{"GET / HTTP/1.1\r\nHost: h\r\nConnection: x, CLOSE\r\n\r\n", false},
        Case{"GET / HTTP/1.1\r\nHost: h\r\nConnection: closed\r\n\r\n", true},
        Case{"GET / HTTP/1.1\r\nHost: h\r\nProxy-Connection: close\r\n\r\n", true},
        Case{"GET / HTTP/1.0\r\n\r\n", false}, Case{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        Case{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
        Case{"GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false}}) {
    Parsing parsing;
    ASSERT_EQ(parsing.parser.parse_head(c.head), Progress::complete) << c.head;
    EXPECT_EQ(parsing.parser.head().keep_alive, c.keep_alive) << c.head;
  }
}

TEST(RequestParser, refuses_a_line_that_can_never_be_valid_when_it_has_ended) {
  struct Case {
    std::string lines;  ///< nothing follows
    Rejection rejection;
  };
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (const Case& c :
       {Case{"GET json HTTP/1.1\r\n", Rejection::target_malformed},
        Case{"GET / H\r\n", Rejection::request_line_malformed},
        Case{"GET / FTP/1.1", Rejection::request_line_malformed},
        Case{"GET / HTTP/1.1\r\n\n", Rejection::line_ending},
        Case{"GET / HTTP/1.1\r\nHost: a b\r\n", Rejection::host_malformed},
        Case{start + "\n", Rejection::line_ending},
        Case{start + ":", Rejection::field_name},
        Case{start + " X: y\r\n", Rejection::field_folded},
        Case{start + "X: y\r\n\t", Rejection::field_folded},
        Case{start + "X: y\r\n \r\n", Rejection::field_folded},
        Case{start + "X: y\r\n z\x01", Rejection::field_folded},
        Case{start + "Host: h\r\n", Rejection::host_repeated},
        Case{start + "Host: h\r\n z", Rejection::host_repeated},
        Case{start + "Content-Length: x\r\n", Rejection::content_length_malformed},
        Case{start + "Content-Length: x\r\n y", Rejection::content_length_malformed},
        Case{start + "Content-Length: 5\r\n y", Rejection::field_folded},
        Case{start + "Content-Length: 5\r\nContent-Length: 5\r\n", Rejection::content_length_repeated},
        Case{start + "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
             Rejection::content_length_and_transfer_encoding},
        Case{start + "Transfer-Encoding: chunked, gzip\r\n", Rejection::transfer_encoding_malformed},
        Case{"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", Rejection::transfer_encoding_in_http_1_0},
        Case{start + "Connection: a b\r\n", Rejection::field_value},
        Case{start + "Connection: " + repeated(",", 100) + "\r\n", Rejection::connection_options_too_many},
        Case{start + "connection: a,b\r\nProxy-Connection: " + repeated("a,", 98) + "a\r\n",
             Rejection::connection_options_too_many},
        Case{start + "Connection: \x01" + repeated(",", 200) + "\r\n", Rejection::field_value},
        Case{start + "Connection: a b\r\nConnection: " + repeated(",", 100) + "\r\n", Rejection::field_value},
        Case{start + repeated("X: y\r\n", 100), Rejection::fields_too_many}}) {
    EXPECT_EQ(rejection_of_head(c.lines), c.rejection) << c.lines;
    EXPECT_EQ(rejection_of_head(c.lines + "\r\n\r\n"), c.rejection) << c.lines;
    Rejection first = Rejection::none;  // as if it came byte by byte
    for (std::size_t size = 1; first == Rejection::none && size <= c.lines.size(); ++size) {
      first = rejection_of_head(c.lines.substr(0, size));
    }
    EXPECT_EQ(first, c.rejection) << c.lines;
  }
}

TEST(RequestParser, waits_for_the_end_of_a_head_that_may_become_valid) {
  for (const char* start :
       {"GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nX: y\r\n", "BREW / HTTP/1.1\r\nHost: h\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n"}) {
    Parsing parsing;
    EXPECT_EQ(parsing.parser.parse_head(start), Progress::incomplete) << start;
  }
}

TEST(RequestParser, every_rejection_has_a_different_message) {
  for (std::size_t i = 1; i < rejection_count; ++i) {
    const RejectionResponse response = response_to(static_cast<Rejection>(i));
    EXPECT_GE(response.status, 400) << i;
    EXPECT_NE(response.status, 500) << i;
    for (std::size_t j = 1; j < i; ++j)
      EXPECT_NE(response_to(static_cast<Rejection>(j)).message, response.message);
  }
}

}  // namespace
}  // namespace chopin::http
