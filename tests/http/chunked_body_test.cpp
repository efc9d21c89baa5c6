#include "http/chunked_body.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

constexpr std::uint64_t most = 16;

FramedBody read(std::string_view bytes, std::string& joined) {
  return read_chunked_body(bytes, most, joined);
}

TEST(ChunkedBody, of_one_chunk_is_a_view_of_the_input) {
  const std::string_view bytes = "5\r\nwhole\r\n0\r\n\r\nGET /";
  std::string joined;
  const FramedBody body = read(bytes, joined);
  EXPECT_EQ(body.content, "whole");
  EXPECT_EQ(body.content.data(), bytes.data() + 3);
  EXPECT_EQ(body.size, bytes.find("GET"));
}

TEST(ChunkedBody, of_several_chunks_is_joined) {
  std::string joined = "of the request before";
  const std::string_view bytes = "1\r\na\r\n002\r\nbc\r\n0000000d\r\n\r\n0\r\n\r\n ninth\r\n0\r\n\r\n";
  const FramedBody body = read(bytes, joined);
  EXPECT_EQ(body.content, "abc\r\n0\r\n\r\n ninth");
  EXPECT_EQ(body.size, bytes.size());
}

TEST(ChunkedBody, may_be_empty) {
  std::string joined;
  EXPECT_EQ(read("0\r\n\r\n", joined).size, 5U);
  EXPECT_EQ(read("0\r\n\r\n", joined).content, "");
}

TEST(ChunkedBody, that_is_incomplete_is_left_to_the_parser) {
  const std::string bytes = "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
  std::string joined;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(read(std::string_view(bytes).substr(0, size), joined).size, 0U) << size;
  }
  EXPECT_EQ(read(bytes, joined).size, bytes.size());
}

TEST(ChunkedBody, with_more_than_the_limit_is_left_to_the_parser) {
  std::string joined;
  EXPECT_EQ(read("10\r\n0123456789abcdef\r\n0\r\n\r\n", joined).content.size(), most);
  EXPECT_EQ(read("11\r\n0123456789abcdefg\r\n0\r\n\r\n", joined).size, 0U);
  EXPECT_EQ(read("f\r\n0123456789abcde\r\n2\r\nfg\r\n0\r\n\r\n", joined).size, 0U);
}

TEST(ChunkedBody, with_unusual_framing_is_left_to_the_parser) {
  std::string joined;
  for (const std::string_view bytes :
       {"1;x=y\r\na\r\n0\r\n\r\n", "1 \r\na\r\n0\r\n\r\n", "1\na\n0\n\n", "\r\n0\r\n\r\n",
        "0\r\nA: b\r\n\r\n", "00\r\n\r\n", "0;x\r\n\r\n", "0x1\r\na\r\n0\r\n\r\n", "-1\r\na\r\n0\r\n\r\n",
        "g\r\na\r\n0\r\n\r\n", "1\r\nab\r\n0\r\n\r\n", "1\r\na0\r\n\r\n", "000000001\r\na\r\n0\r\n\r\n",
        "ffffffff\r\na\r\n0\r\n\r\n"}) {
    EXPECT_EQ(read(bytes, joined).size, 0U) << bytes;
  }
}

}  // namespace
}  // namespace chopin::http
