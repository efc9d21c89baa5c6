#include "http/request_parser.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

using namespace std::string_literals;

using Progress = RequestParser::Progress;

/// A parser with its limits and memory.
struct Parsing {
  Limits limits;
  ParserScratch scratch{limits};
  RequestParser parser{limits, scratch};
};

Rejection rejection_of_head(std::string_view head) {
  Parsing parsing;
  return parsing.parser.parse_head(head) == Progress::rejected ? parsing.parser.rejection() : Rejection::none;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

/// The result of a chunked body that arrives in pieces of `step` bytes.
Rejection rejection_of_body(const std::string& body, std::size_t step, std::uint64_t max_body = 1024 * 1024) {
  Parsing parsing;
  parsing.parser.limit_body(max_body);
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parsing.parser.parse_head(head), Progress::complete);
  std::string pending;
  for (std::size_t at = 0; at < body.size(); at += step) {
    pending += body.substr(at, step);
    std::size_t consumed = 0;
    const Progress progress = parsing.parser.parse_body(pending, consumed);
    pending.erase(0, consumed);
    if (progress == Progress::rejected) return parsing.parser.rejection();
    if (progress == Progress::complete) {
      EXPECT_TRUE(pending.empty() || at + step >= body.size());
      return Rejection::none;
    }
  }
  ADD_FAILURE() << "neither complete nor rejected: " << body;
  return Rejection::none;
}

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

TEST(RequestParser, reads_chunked_bodies_however_they_are_split) {
  for (const std::string body :
       {"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n6;c=\"d e\"\r\n world\r\n0\r\n\r\n",
        "A\r\n0123456789\r\n00\r\nTrailer: x\r\nMore: y\r\n\r\n", "1 ;x\r\na\r\n0;y\r\n\r\n"}) {
    for (std::size_t step = 1; step <= body.size(); ++step) {
      EXPECT_EQ(rejection_of_body(body, step), Rejection::none) << body << " by " << step;
    }
  }
}

TEST(RequestParser, judges_chunks_however_they_are_split) {
  struct Case {
    std::string body;
    Rejection rejection;
  };
  const std::string sixteen_digits(16, '0');
  for (const Case& c :
       {Case{"g\r\n", Rejection::chunk_size}, Case{"\r\n", Rejection::chunk_size},
        Case{"-1\r\n", Rejection::chunk_size}, Case{"0x5\r\n", Rejection::chunk_size},
        Case{"5\nhello", Rejection::chunk_size}, Case{"+5\r\n", Rejection::chunk_size},
        Case{"5,\r\n", Rejection::chunk_size}, Case{sixteen_digits + "5\r\n", Rejection::chunk_size},
        Case{"ffffffffffffffff\r\n", Rejection::body_too_large}, Case{"5\rx", Rejection::chunk_extension},
        Case{"5 \r\n", Rejection::chunk_extension}, Case{"5;\r\n", Rejection::chunk_extension},
        Case{"5;a=\"\n\"\r\n", Rejection::chunk_extension}, Case{"5;a=\"b\r\n", Rejection::chunk_extension},
        Case{"5;a\x01\r\n", Rejection::chunk_extension},
        Case{"5;" + std::string(5000, 'a') + "\r\n", Rejection::chunk_extensions_too_long},
        Case{"5\r\nhelloX", Rejection::chunk_end}, Case{"5\r\nhello\n0\r\n\r\n", Rejection::chunk_end},
        Case{"5\r\nhello\rX", Rejection::chunk_end},
        Case{"0\r\nA: b\nB: c\r\n\r\n", Rejection::trailer_malformed},
        Case{"0\r\n\n", Rejection::trailer_malformed},
        Case{"0\r\nA : b\r\n\r\n", Rejection::trailer_malformed},
        Case{"0\r\nA: b\r\n c\r\n\r\n", Rejection::trailer_malformed},
        // Lines after which nothing comes.
        Case{"0\r\nA\r\n", Rejection::trailer_malformed}, Case{"0\r\n: b\r\n", Rejection::trailer_malformed},
        Case{"0\r\nA : b\r\n", Rejection::trailer_malformed},
        Case{"0\r\nA: b\r\n c\r\n", Rejection::trailer_malformed},
        Case{"0\r\ncontent-length: 5\r\n", Rejection::trailer_malformed},
        Case{"0\r\nTransfer-Encoding: x\r\n", Rejection::trailer_malformed},
        Case{"0\r\n" + repeated("A: b\r\n", 101), Rejection::fields_too_many},
        Case{"0\r\nA: b\rB: c\r\n\r\n", Rejection::trailer_malformed},
        Case{"0\r\nA: " + std::string(9000, 'b'), Rejection::trailers_too_large}}) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, c.body.size()}) {
      EXPECT_EQ(rejection_of_body(c.body, step), c.rejection) << c.body.substr(0, 40) << " by " << step;
    }
  }
}

TEST(RequestParser, limits_the_size_of_a_chunked_body) {
  EXPECT_EQ(rejection_of_body("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", 1, 10), Rejection::none);
  EXPECT_EQ(rejection_of_body("5\r\nhello\r\n6\r\n", 1, 10), Rejection::body_too_large);
}

TEST(RequestParser, counts_chunk_extensions_over_the_whole_body) {
  const auto body = [](std::size_t extension_size) {  // two chunks, extensions of both together
    return "1;" + std::string(1999, 'a') + "\r\nx\r\n1;" + std::string(extension_size - 2001, 'a') +
           "\r\nx\r\n0\r\n\r\n";
  };
  EXPECT_EQ(rejection_of_body(body(Limits::max_chunk_extensions), 7), Rejection::none);
  EXPECT_EQ(rejection_of_body(body(Limits::max_chunk_extensions + 1), 7),
            Rejection::chunk_extensions_too_long);
}

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

TEST(RequestParser, counts_trailers_separately) {
  const auto body_with = [](int count) {
    std::string body = "0\r\n";
    for (int i = 0; i < count; ++i) body += "A: b\r\n";
    return body + "\r\n";
  };
  EXPECT_EQ(rejection_of_body(body_with(100), 1000), Rejection::none);
  EXPECT_EQ(rejection_of_body(body_with(101), 1000), Rejection::fields_too_many);
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
