#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/modes.hpp"
#include "wire/posts.hpp"

namespace chopin::test {
namespace {

class Echo : public testing::TestWithParam<Mode> {
 protected:
  Echo() : server(in_mode(GetParam())), client(server.port()) {}

  void expect_echo(const std::string& body, const std::string& content_type = "application/octet-stream") {
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Content-Type"), content_type);
    EXPECT_TRUE(response.body == body) << response.body.size() << " bytes instead of " << body.size();
  }

  LiveServer server;
  RawClient client;
};

INSTANTIATE_TEST_SUITE_P(Modes, Echo, testing::Values(Mode::performance, Mode::standard));

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST_P(Echo, gives_back_a_body_of_known_length) {
  for (const std::string& body : {std::string("x"), std::string(), every_byte(), std::string("\r\n\r\n")}) {
    client.send(post_body("/echo", body));
    expect_echo(body);
  }
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  expect_echo("");
}

TEST_P(Echo, gives_back_a_chunked_body_without_its_framing) {
  client.send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\na\r\n005;name=value;quoted=\"a;b\"\r\nbcdef\r\nA\r\n0123456789\r\n0;last\r\nTrailer: x\r\nOther: "
      "y\r\n\r\n");
  expect_echo("abcdef0123456789");
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  expect_echo("");
}

TEST_P(Echo, gives_back_the_same_bytes_wherever_the_request_is_split) {
  const std::string stream =
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: r\r\n\r\n" +
      post_body("/echo", "hello", "Content-Type: c/d\r\n") + get("/plaintext");
  for (std::size_t split = 1; split < stream.size(); ++split) {
    client.send(stream.substr(0, split));
    std::this_thread::yield();
    client.send(stream.substr(split));
    expect_echo("abcde", "a/b");
    expect_echo("hello", "c/d");
    EXPECT_EQ(client.read_response().body, "Hello, World!");
  }
  for (const char byte : stream) client.send(std::string_view(&byte, 1));
  expect_echo("abcde", "a/b");
  expect_echo("hello", "c/d");
  EXPECT_EQ(client.read_response().body, "Hello, World!");
}

TEST_P(Echo, gives_back_the_content_coding_and_forbids_sniffing) {
  client.send(post_body("/echo", "\x1f\x8b", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n"));
  const Response compressed = client.read_response();
  EXPECT_EQ(compressed.status, 200);
  EXPECT_EQ(compressed.field("Content-Encoding"), "gzip");
  EXPECT_EQ(compressed.field("X-Content-Type-Options"), "nosniff");
  client.send(post_body("/echo", "x"));
  EXPECT_EQ(client.read_response().field("Content-Encoding"), "");
}

TEST_P(Echo, takes_no_compressed_json) {
  client.send(post_body("/echo", "\x1f\x8b", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"));
  const Response response = client.read_response();
  EXPECT_EQ(response.status, 415);
  EXPECT_EQ(response.field("Accept-Encoding"), "identity");
  client.send(post_body("/echo", "{}", "Content-Type: application/json\r\nContent-Encoding: identity\r\n"));
  EXPECT_EQ(client.read_response().status, 200);
}

TEST_P(Echo, gives_back_bodies_up_to_the_limit) {
  std::string body;
  while (body.size() < Limits{}.max_body) body += every_byte();
  for (const std::size_t size :
       {std::size_t{4095}, std::size_t{4096}, std::size_t{4097}, std::size_t{100'000}, body.size()}) {
    client.send(post_body("/echo", body.substr(0, size)));
    expect_echo(body.substr(0, size));
  }
  std::string chunked = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size % 7919 + 13) {
    const std::string piece = body.substr(at, size);
    std::ostringstream hex;
    hex << std::hex << piece.size();
    chunked += hex.str() + "\r\n" + piece + "\r\n";
  }
  client.send(chunked + "0\r\n\r\n" + get("/json"));
  expect_echo(body);
  EXPECT_EQ(client.read_response().status, 200);
  client.send(post_body("/echo", body + "x"));
  EXPECT_EQ(client.read_response().status, 413);
}

TEST_P(Echo, works_between_other_requests) {
  std::string burst;
  for (int i = 0; i < 20; ++i)
    burst += get("/json") + post_body("/echo", "body " + std::to_string(i)) + get("/plaintext");
  client.send(burst);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.read_response().body, R"({"message":"Hello, World!"})");
    expect_echo("body " + std::to_string(i));
    EXPECT_EQ(client.read_response().body, "Hello, World!");
  }
}

TEST_P(Echo, sends_100_to_a_client_that_waits_for_it) {
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.read_exactly(25), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  expect_echo("body");
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 413) << "and no 100 before it";
}

TEST_P(Echo, serves_http_1_0) {
  client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab");
  expect_echo("ab");
  client.send("POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\ncd");
  expect_echo("cd");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(Echo, gives_back_any_content_type) {
  for (const char* type : {"text/plain; charset=utf-8", "application/JSONP", "x", "image/svg+xml",
                           "a/b;c=\"d e\"", "caf\xC3\xA9/\xFF"}) {
    client.send(post_body("/echo", "{", std::string("Content-Type:  ") + type + " \r\n"));
    expect_echo("{", type);
  }
}

TEST_P(Echo, refuses_malformed_json_and_keeps_the_connection) {
  for (const char* type : {"application/json", "application/json; charset=utf-8", "Application/JSON ;x=y",
                           "application/problem+json", "application/vnd.x+JSON;v=1"}) {
    const std::string field = std::string("Content-Type: ") + type + "\r\n";
    client.send(post_body("/echo", R"({"a": 01})", field) + post_body("/echo", R"({"a":1})", field));
    const Response refused = client.read_response();
    EXPECT_EQ(refused.status, 400) << type;
    EXPECT_EQ(refused.field("Content-Type"), "application/json");
    EXPECT_EQ(refused.field("Connection"), "");
    EXPECT_TRUE(refused.body.starts_with(
        R"({"success":false,"error":{"code":"BAD_REQUEST","message":"the body is not JSON: )"))
        << refused.body;
    EXPECT_NE(refused.body.find(" at byte 6\""), std::string::npos) << refused.body;
    expect_echo(R"({"a":1})", type);
  }
  client.send(post_body("/echo", "", "Content-Type: application/json\r\n") +
              post_body("/echo", std::string(5000, '['), "Content-Type: application/json\r\n") +
              post_body("/echo", "\"\xFF\"", "Content-Type: application/json\r\n") + get("/json"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.read_response().status, 400) << i;
  EXPECT_EQ(client.read_response().status, 200);
}

TEST_P(Echo, responds_to_other_methods_with_405_and_to_options_with_allow) {
  client.send(get("/echo") + closing("OPTIONS /echo HTTP/1.1"));
  const Response other = client.read_response();
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(other.field("Allow"), "POST, OPTIONS");
  const Response options = client.read_response();
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.field("Allow"), "POST, OPTIONS");
}

}  // namespace
}  // namespace chopin::test
