#include "load_client/response_reader.hpp"

#include <string>

#include <gtest/gtest.h>

namespace load {
namespace {

using Progress = ResponseReader::Progress;

constexpr const char* sized = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
constexpr const char* chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0a\r\n0\r\n\r\n 6789\r\n0\r\nX: "
    "y\r\n\r\n";

ResponseReader reader_of(bool to_head = false) {
  ResponseReader reader;
  reader.begin(to_head);
  return reader;
}

Progress read(std::string_view bytes) {
  return reader_of().read(bytes);
}

TEST(ResponseReader, finds_the_end_by_content_length) {
  ResponseReader reader = reader_of();
  EXPECT_EQ(reader.read(sized), Progress::complete);
  EXPECT_EQ(reader.status(), 200);
  EXPECT_FALSE(reader.closes());
}

TEST(ResponseReader, finds_the_end_of_chunks_and_their_trailer) {
  EXPECT_EQ(read(chunked), Progress::complete);
}

TEST(ResponseReader, reads_the_same_in_two_pieces_wherever_they_are_split) {
  for (const std::string_view whole : {std::string_view(sized), std::string_view(chunked)}) {
    for (std::size_t i = 1; i < whole.size(); ++i) {
      ResponseReader reader = reader_of();
      ASSERT_EQ(reader.read(whole.substr(0, i)), Progress::incomplete) << i;
      ASSERT_EQ(reader.read(whole.substr(i)), Progress::complete) << i;
    }
  }
}

TEST(ResponseReader, reads_the_same_byte_by_byte) {
  for (const std::string_view whole : {std::string_view(sized), std::string_view(chunked)}) {
    ResponseReader reader = reader_of();
    for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
      ASSERT_EQ(reader.read(whole.substr(i, 1)), Progress::incomplete) << i;
    }
    EXPECT_EQ(reader.read(whole.substr(whole.size() - 1)), Progress::complete);
  }
}

TEST(ResponseReader, reads_one_response_after_another) {
  ResponseReader reader = reader_of();
  EXPECT_EQ(reader.read(chunked), Progress::complete);
  reader.begin(false);
  EXPECT_EQ(reader.read("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"), Progress::complete);
  EXPECT_EQ(reader.status(), 404);
}

TEST(ResponseReader, expects_no_body_after_head_204_and_304) {
  EXPECT_EQ(reader_of(true).read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), Progress::complete);
  EXPECT_EQ(read("HTTP/1.1 204 No Content\r\n\r\n"), Progress::complete);
  EXPECT_EQ(read("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), Progress::complete);
}

TEST(ResponseReader, skips_interim_responses) {
  ResponseReader reader = reader_of();
  EXPECT_EQ(reader.read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            Progress::complete);
  EXPECT_EQ(reader.status(), 200);
}

TEST(ResponseReader, takes_the_end_of_the_connection_for_that_of_a_body_without_a_length) {
  ResponseReader reader = reader_of();
  EXPECT_EQ(reader.read("HTTP/1.1 200 OK\r\n\r\nsome"), Progress::incomplete);
  EXPECT_EQ(reader.read("thing"), Progress::incomplete);
  EXPECT_EQ(reader.end(), Progress::complete);
  EXPECT_TRUE(reader.closes());
}

TEST(ResponseReader, is_incomplete_if_the_connection_ends_within_a_response) {
  ResponseReader reader = reader_of();
  EXPECT_EQ(reader.end(), Progress::incomplete);
  EXPECT_EQ(reader.read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"), Progress::incomplete);
  EXPECT_EQ(reader.end(), Progress::incomplete);
}

TEST(ResponseReader, knows_whether_the_server_closes) {
  const auto closes = [](const std::string& version, const std::string& connection) {
    ResponseReader reader = reader_of();
    const std::string field = connection.empty() ? "" : "CONNECTION: " + connection + "\r\n";
    EXPECT_EQ(reader.read(version + " 200 OK\r\n" + field + "Content-Length: 0\r\n\r\n"), Progress::complete);
    return reader.closes();
  };
  EXPECT_FALSE(closes("HTTP/1.1", ""));
  EXPECT_TRUE(closes("HTTP/1.1", "close"));
  EXPECT_TRUE(closes("HTTP/1.1", "te, Close"));
  EXPECT_FALSE(closes("HTTP/1.1", "closed"));
  EXPECT_TRUE(closes("HTTP/1.0", ""));
  EXPECT_FALSE(closes("HTTP/1.0", "Keep-Alive"));
}

TEST(ResponseReader, refuses_what_is_not_http) {
  for (const char* const bytes :
       {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 999 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
    EXPECT_EQ(read(bytes), Progress::malformed) << bytes;
  }
}

TEST(ResponseReader, refuses_malformed_chunks) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* const bytes :
       {"x\r\n", "\r\n", "5\nhello", "5\r\nhelloX\r\n", "10000000000000000\r\n", "-1\r\n"}) {
    EXPECT_EQ(read(head + bytes), Progress::malformed) << bytes;
  }
}

TEST(ResponseReader, refuses_bytes_after_the_end) {
  EXPECT_EQ(read(std::string(sized) + "H"), Progress::malformed);
  EXPECT_EQ(read(std::string(chunked) + "\r\n"), Progress::malformed);
}

TEST(ResponseReader, keeps_neither_an_endless_head_nor_an_endless_chunk_line) {
  ResponseReader reader = reader_of();
  const std::string kib(1024, 'a');
  Progress progress = reader.read("HTTP/1.1 200 OK\r\nX: ");
  for (int i = 0; i < 65 && progress == Progress::incomplete; ++i) progress = reader.read(kib);
  EXPECT_EQ(progress, Progress::malformed);

  reader.begin(false);
  progress = reader.read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
  for (int i = 0; i < 9 && progress == Progress::incomplete; ++i) progress = reader.read(kib);
  EXPECT_EQ(progress, Progress::malformed);
}

}  // namespace
}  // namespace load
