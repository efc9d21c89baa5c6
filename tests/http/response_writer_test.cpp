#include "http/response_writer.hpp"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

const HttpDate any_date(784111777);

std::string written(const Response& response, Persistence persistence = Persistence::keep_alive,
                    bool head_only = false) {
  const ResponseWriter writer{
      .response = response, .date = any_date, .persistence = persistence, .head_only = head_only};
  std::string bytes(writer.most_bytes(), '\0');
  const auto size = static_cast<std::size_t>(writer.write(bytes.data()) - bytes.data());
  EXPECT_LE(size, bytes.size());
  bytes.resize(size);
  return bytes;
}

Response example() {
  Response response;
  response.text("hello").field("X-A", "1").field("X-B", "2");
  return response;
}

TEST(ResponseWriter, writes_the_fields_in_the_documented_order) {
  EXPECT_EQ(written(example()),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n"
            "Server: chopin\r\nX-A: 1\r\nX-B: 2\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nhello");
}

TEST(ResponseWriter, writes_the_connection_field_after_the_date) {
  EXPECT_TRUE(written(example(), Persistence::close).ends_with("GMT\r\nConnection: close\r\n\r\nhello"));
  EXPECT_TRUE(written(example(), Persistence::keep_alive_http_1_0)
                  .ends_with("GMT\r\nConnection: keep-alive\r\n\r\nhello"));
  EXPECT_EQ(written(example()).find("Connection"), std::string::npos);
}

TEST(ResponseWriter, leaves_only_the_body_out_for_head) {
  for (const auto persistence :
       {Persistence::keep_alive, Persistence::close, Persistence::keep_alive_http_1_0}) {
    EXPECT_EQ(written(example(), persistence, true) + "hello", written(example(), persistence));
  }
}

TEST(ResponseWriter, writes_the_length_of_an_empty_body_and_no_type) {
  EXPECT_EQ(written(Response()),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: chopin\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
  EXPECT_TRUE(
      written(Response().text("")).find("Content-Type: text/plain; charset=utf-8\r\nContent-Length: 0\r\n") !=
      std::string::npos);
}

TEST(ResponseWriter, writes_neither_body_nor_content_fields_for_statuses_without_a_body) {
  EXPECT_EQ(written(example().status(204)),
            "HTTP/1.1 204 No Content\r\nServer: chopin\r\nX-A: 1\r\nX-B: 2\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
  EXPECT_NE(written(example().status(205)).find("\r\nContent-Length: 0\r\n"), std::string::npos);
  EXPECT_EQ(written(example().status(304)),
            "HTTP/1.1 304 Not Modified\r\nServer: chopin\r\nX-A: 1\r\nX-B: 2\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(ResponseWriter, keeps_the_space_after_a_status_without_a_phrase) {
  EXPECT_TRUE(written(Response().status(499)).starts_with("HTTP/1.1 499 \r\nContent-Length: 0\r\n"));
  EXPECT_TRUE(written(Response().status(201)).starts_with("HTTP/1.1 201 Created\r\n"));
}

TEST(ResponseWriter, never_writes_more_than_most_bytes) {
  const std::string big(70'000, 'x');
  for (std::uint16_t status = 200; status < 600; ++status) {
    for (const auto persistence :
         {Persistence::keep_alive, Persistence::close, Persistence::keep_alive_http_1_0}) {
      Response response;
      response.body("a/" + big, big).status(status).field("X", big);
      const std::string bytes = written(response, persistence);
      EXPECT_TRUE(bytes.starts_with("HTTP/1.1 " + std::to_string(status) + " "));
    }
  }
}

TEST(ResponseWriter, writes_texts_of_any_size) {
  std::string text;
  for (std::size_t size = 0; size < 120; ++size, text += static_cast<char>('a' + size % 26)) {
    EXPECT_EQ(written(Response().body("t/" + text, text).field("X", text)),
              "HTTP/1.1 200 OK\r\nContent-Type: t/" + text + "\r\nContent-Length: " + std::to_string(size) +
                  "\r\nServer: chopin\r\nX: " + text + "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n" +
                  text);
  }
}

TEST(ResponseWriter, writes_bodies_of_any_bytes) {
  const std::string bytes("\0\r\n\xff", 4);
  EXPECT_TRUE(written(Response().body("application/octet-stream", bytes)).ends_with("\r\n\r\n" + bytes));
}

}  // namespace
}  // namespace chopin::http
