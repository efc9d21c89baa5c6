#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "http/parsing.hpp"
#include "http/request_parser.hpp"

namespace chopin::http {
namespace {

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

TEST(RequestParser, counts_trailers_separately) {
  const auto body_with = [](int count) {
    std::string body = "0\r\n";
    for (int i = 0; i < count; ++i) body += "A: b\r\n";
    return body + "\r\n";
  };
  EXPECT_EQ(rejection_of_body(body_with(100), 1000), Rejection::none);
  EXPECT_EQ(rejection_of_body(body_with(101), 1000), Rejection::fields_too_many);
}

}  // namespace
}  // namespace chopin::http
