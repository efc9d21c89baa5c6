#include "http/head_scanner.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "text/byte_scan.hpp"

namespace chopin::http {
namespace {

/// A scan with its limits and memory.
struct Scan {
  Limits limits;
  ParserScratch scratch{limits};
  RequestHead head;
  std::string memory;

  bool operator()(std::string_view bytes) {
    memory = std::string(bytes) + std::string(text::ByteScan::slack, '\0');
    return scan_head(std::string_view(memory).substr(0, bytes.size()), scratch, head);
  }
};

bool is_scanned(std::string_view bytes) {
  return Scan()(bytes);
}

std::string with_field(std::string_view line) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(line) + "\r\n\r\n";
}

TEST(HeadScanner, finds_the_parts_of_a_plain_head) {
  Scan scan;
  const std::string head =
      "DELETE /a/b?c=d HTTP/1.1\r\nhOST: [::1]:80\r\nX-One:   1 2  \r\nEmpty:\r\nBlank:  \r\n\r\n";
  ASSERT_TRUE(scan(head + "GET /next"));
  EXPECT_EQ(scan.head.method, Method::delete_);
  EXPECT_EQ(scan.head.target, "/a/b?c=d");
  EXPECT_EQ(scan.head.path, "/a/b");
  EXPECT_EQ(scan.head.size, head.size());
  EXPECT_TRUE(scan.head.is_http_1_1);
  EXPECT_TRUE(scan.head.keep_alive);
  ASSERT_EQ(scan.head.fields.size(), 4U);
  EXPECT_EQ(scan.head.fields[1].name, "X-One");
  EXPECT_EQ(scan.head.fields[1].value, "1 2");
  EXPECT_EQ(scan.head.fields[2].value, "");
  EXPECT_EQ(scan.head.fields[3].value, "");
}

TEST(HeadScanner, accepts_the_methods_that_take_a_path) {
  for (const Method method : implementable_methods) {
    Scan scan;
    ASSERT_TRUE(scan(std::string(to_string(method)) + " / HTTP/1.1\r\nHost: h\r\n\r\n")) << to_string(method);
    EXPECT_EQ(scan.head.method, method);
  }
  for (const char* method : {"CONNECT", "TRACE", "BREW", "get", "GETS"}) {
    EXPECT_FALSE(is_scanned(std::string(method) + " / HTTP/1.1\r\nHost: h\r\n\r\n")) << method;
  }
}

TEST(HeadScanner, finds_out_whether_the_connection_persists) {
  for (const auto& [value, persists] :
       {std::pair{"close", false}, {"Close", false}, {"keep-alive", true}, {"Keep-Alive", true}}) {
    Scan scan;
    ASSERT_TRUE(scan(with_field(std::string("Connection: ") + value))) << value;
    EXPECT_EQ(scan.head.keep_alive, persists) << value;
  }
}

TEST(HeadScanner, reads_an_options_request_for_the_whole_server) {
  Scan scan;
  ASSERT_TRUE(scan("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(scan.head.method, Method::options);
  EXPECT_EQ(scan.head.target, "*");
  EXPECT_EQ(scan.head.path, "*");
}

TEST(HeadScanner, finds_out_how_large_the_body_is) {
  for (const auto& [line, size] : {std::pair{"A: b", std::uint64_t{0}},
                                   {"Content-Length: 0", 0},
                                   {"content-LENGTH: 1048576", 1048576},
                                   {"Content-Length: 007", 7},
                                   {"Transfer-Encoding: chunked", RequestHead::chunked},
                                   {"TRANSFER-encoding:CHUNKED ", RequestHead::chunked}}) {
    Scan scan;
    ASSERT_TRUE(scan(with_field(line))) << line;
    EXPECT_EQ(scan.head.body_size, size) << line;
    EXPECT_EQ(scan.head.has_body(), size != 0) << line;
  }
}

TEST(HeadScanner, leaves_unusual_heads_to_the_parser) {
  for (const char* line : {"Content-Length: +5",
                           "Content-Length: 5, 5",
                           "Content-Length:",
                           "Content-Length: 5\r\nContent-Length: 5",
                           "Content-Length: 1048577",
                           "Content-Length: 18446744073709551621",
                           "Content-Length: 5\r\nTransfer-Encoding: chunked",
                           "Transfer-Encoding: chunked\r\nContent-Length: 0",
                           "Transfer-Encoding: gzip, chunked",
                           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                           "Transfer-Encoding: chunke\x7f",
                           "Expect: 100-continue",
                           "Upgrade: h2c",
                           "Proxy-Connection: close",
                           "Connection: close, x",
                           "Connection: x",
                           "Connection:",
                           "Host: h",
                           "Name : x",
                           ": x",
                           "Name",
                           "N\x01me: x",
                           "Name: \x01",
                           "Name: a\r\n b",
                           " Name: x",
                           "Name: a\nB: c",
                           "Name: a\rB: c",
                           "Name: \x7f",
                           "Name:\ta",
                           "Name: \xC3\xA9"}) {
    EXPECT_FALSE(is_scanned(with_field(line))) << line;
  }
  for (const char* head :
       {"GET / HTTP/1.0\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /  HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS *x HTTP/1.1\r\nHost: h\r\n\r\n",
        "OPTIONS *? HTTP/1.1\r\nHost: h\r\n\r\n", "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /# HTTP/1.1\r\nHost: h\r\n\r\n", "GET /?# HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /\xC3\xA9 HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\nHost: h\n\n"}) {
    EXPECT_FALSE(is_scanned(head)) << head;
  }
}

TEST(HeadScanner, refuses_every_incomplete_head) {
  const std::string head = with_field("Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*");
  for (std::size_t size = 0; size < head.size(); ++size) {
    EXPECT_FALSE(is_scanned(head.substr(0, size))) << size;
  }
  EXPECT_TRUE(is_scanned(head));
}

TEST(HeadScanner, ignores_bytes_after_the_end) {
  const std::string head = with_field("Accept: */*");
  for (std::size_t size = 0; size < head.size(); ++size) {
    Scan scan;
    scan.memory = head + std::string(text::ByteScan::slack, '\0');
    EXPECT_FALSE(scan_head(std::string_view(scan.memory).substr(0, size), scan.scratch, scan.head));
  }
}

TEST(HeadScanner, enforces_the_limits) {
  Limits few;
  few.max_fields = 2;
  Scan scan{.limits = few, .scratch = ParserScratch(few), .head = {}, .memory = {}};
  EXPECT_TRUE(scan(with_field("A: b")));
  EXPECT_FALSE(scan(with_field("A: b\r\nC: d")));
  Limits small;
  small.max_head = 1024;
  const std::string fits = with_field("A: " + std::string(1024 - with_field("A: ").size(), 'x'));
  for (const auto& [head, accepted] :
       {std::pair{fits, true}, {fits + "x", true}, {with_field("A: " + fits), false}}) {
    Scan limited{.limits = small, .scratch = ParserScratch(small), .head = {}, .memory = {}};
    EXPECT_EQ(limited(head), accepted) << head.size();
  }
}

TEST(HeadScanner, has_room_for_as_many_fields_as_fit_in_a_head) {
  Limits one;
  one.max_fields = 1;
  Scan scan{.limits = one, .scratch = ParserScratch(one), .head = {}, .memory = {}};
  std::string head = "GET / HTTP/1.1\r\nHost:\r\n";
  EXPECT_TRUE(scan(head + "\r\n"));
  while (head.size() < 2 * ParserScratch::most_plain_head) head += "A:\r\n";
  EXPECT_FALSE(scan(head + "\r\n"));
  EXPECT_FALSE(scan(head.substr(0, ParserScratch::most_plain_head - 2) + "\r\n"));
}

TEST(HeadScanner, finds_names_and_values_of_every_size) {
  for (std::size_t name_size = 1; name_size < 70; ++name_size) {
    for (std::size_t value_size = 0; value_size < 100; ++value_size) {
      const std::string name(name_size, 'N');
      const std::string value(value_size, 'v');
      Scan scan;
      ASSERT_TRUE(scan(with_field(name + ": " + value + "\r\nLast: x"))) << name_size << ", " << value_size;
      ASSERT_EQ(scan.head.fields.size(), 3U);
      EXPECT_EQ(scan.head.fields[1].name, name);
      EXPECT_EQ(scan.head.fields[1].value, value);
      EXPECT_EQ(scan.head.fields[2].name, "Last");
    }
  }
}

TEST(HeadScanner, finds_paths_and_queries_of_every_size) {
  for (std::size_t path_size = 1; path_size < 70; ++path_size) {
    for (std::size_t query_size = 0; query_size < 70; ++query_size) {
      const std::string path = "/" + std::string(path_size - 1, 'p');
      const std::string target = path + (query_size == 0 ? "" : "?" + std::string(query_size - 1, '?'));
      Scan scan;
      ASSERT_TRUE(scan("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n")) << target;
      EXPECT_EQ(scan.head.target, target);
      EXPECT_EQ(scan.head.path, path);
    }
  }
}

TEST(HeadScanner, checks_every_byte_of_a_target) {
  const std::string plain = "/" + std::string(99, 'x');
  for (std::size_t at = 1; at < plain.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = plain;
      changed[at] = static_cast<char>(c);
      const bool is_target = text::is_in(static_cast<char>(c), text::character_class::target);
      EXPECT_EQ(is_scanned("GET " + changed + " HTTP/1.1\r\nHost: h\r\n\r\n"), is_target)
          << c << " at " << at;
    }
  }
}

TEST(HeadScanner, takes_values_without_the_spaces_around_them) {
  for (const std::size_t size : {0U, 1U, 30U, 31U, 32U, 33U, 63U, 64U}) {
    const std::string value(size, 'v');
    for (const char* before : {"", " ", "  ", "                                  "}) {
      for (const char* after : {"", " ", "                                  "}) {
        Scan scan;
        ASSERT_TRUE(scan(with_field("X-1:" + (before + value) + after))) << size;
        EXPECT_EQ(scan.head.fields[1].name, "X-1");
        EXPECT_EQ(scan.head.fields[1].value, value);
      }
    }
  }
}

TEST(HeadScanner, checks_every_byte_of_a_name_and_a_value) {
  const std::string plain(100, 'x');
  for (std::size_t at = 0; at < plain.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = plain;
      changed[at] = static_cast<char>(c);
      EXPECT_EQ(is_scanned(with_field("A: " + changed)), c >= ' ' && c <= '~') << c << " at " << at;
      const bool is_token = text::is_in(static_cast<char>(c), text::character_class::token);
      const bool ends_name = c == ':' && at > 0;
      EXPECT_EQ(is_scanned(with_field(changed + ": a")), is_token || ends_name) << c << " at " << at;
    }
  }
}

}  // namespace
}  // namespace chopin::http
