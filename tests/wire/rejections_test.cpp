#include <chrono>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

struct Rejection {
  const char* name;
  std::string bytes;
  int status;
};

void PrintTo(const Rejection& c, std::ostream* out) {
  *out << c.name;
}

std::string with_field(const std::string& line) {
  return "GET /json HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n";
}

std::string with_body(const std::string& fields, const std::string& body) {
  return "POST /json HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n\r\n" + body;
}

class Rejections : public testing::TestWithParam<Rejection> {};

TEST_P(Rejections, have_their_status_and_close_so_that_nothing_can_be_smuggled) {
  LiveServer server;
  const std::string bytes =
      exchange(server.port(), GetParam().bytes + "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 " + std::to_string(GetParam().status) + " ")) << bytes;
  EXPECT_NE(bytes.find("\r\nConnection: close\r\n"), std::string::npos) << bytes;
  EXPECT_NE(bytes.find("\r\nDate: "), std::string::npos) << bytes;
  EXPECT_NE(bytes.find(R"({"success":false,"error":{"code":")"), std::string::npos) << bytes;
  EXPECT_EQ(statuses_of(bytes), std::vector<int>{GetParam().status});
  EXPECT_EQ(server.stop().requests, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Wire, Rejections,
    testing::Values(
        Rejection{"tls_hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
        Rejection{"http2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        Rejection{"http09", "GET /json\r\n", 400},
        Rejection{"version_2", "GET /json HTTP/2.0\r\nHost: h\r\n\r\n", 505},
        Rejection{"version_0_9", "GET /json HTTP/0.9\r\nHost: h\r\n\r\n", 505},
        Rejection{"version_lower_case", "GET /json http/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"bare_lf", "GET /json HTTP/1.1\nHost: h\n\n", 400},
        Rejection{"bare_lf_in_fields", "GET /json HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
        Rejection{"bare_cr", "GET /json HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
        Rejection{"bare_lf_before_the_request", "\nGET /json HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"space_before_the_request", " GET /json HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"two_spaces", "GET  /json HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"space_after_the_version", "GET /json HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
        Rejection{"tab_in_the_request_line", "GET\t/json HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"nul_in_the_target", "GET /js\0on HTTP/1.1\r\nHost: h\r\n\r\n"s, 400},
        Rejection{"fragment", "GET /json#x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"relative_target", "GET json HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"backslash_in_the_path", "GET /a\\json HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"backslash_in_an_absolute_target", "GET http://h/a\\b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"asterisk_for_get", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"connect_without_a_port", "CONNECT h HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Rejection{"unknown_method", "BREW /json HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        Rejection{"method_in_lower_case", "get /json HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        Rejection{"no_host", "GET /json HTTP/1.1\r\nX: y\r\n\r\n", 400},
        Rejection{"two_hosts", "GET /json HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400},
        Rejection{"malformed_host", "GET /json HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
        Rejection{"absolute_target_without_host_field", "GET http://h/json HTTP/1.1\r\n\r\n", 400},
        Rejection{"space_before_the_colon", with_field("X : y"), 400},
        Rejection{"no_colon", with_field("X y"), 400}, Rejection{"empty_name", with_field(": y"), 400},
        Rejection{"nul_in_a_value", with_field("X: a\0b"s), 400},
        Rejection{"control_byte_in_a_value", with_field("X: a\x02z"), 400},
        Rejection{"folded_line", with_field("X: a\r\n b"), 400},
        Rejection{"length_and_coding",
                  with_body("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400},
        Rejection{"coding_and_length",
                  with_body("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"), 400},
        Rejection{"two_lengths", with_body("Content-Length: 5\r\nContent-Length: 5", "hello"), 400},
        Rejection{"list_of_lengths", with_body("Content-Length: 5, 5", "hello"), 400},
        Rejection{"signed_length", with_body("Content-Length: +5", "hello"), 400},
        Rejection{"length_with_a_space", with_body("Content-Length: 5 5", "hello"), 400},
        Rejection{"overflowing_length", with_body("Content-Length: 18446744073709551616", ""), 400},
        Rejection{"huge_length", with_body("Content-Length: 18446744073709551615", ""), 413},
        Rejection{"unknown_coding", with_body("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), 501},
        Rejection{"coding_not_last", with_body("Transfer-Encoding: chunked, gzip", "0\r\n\r\n"), 400},
        Rejection{"coding_twice",
                  with_body("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400},
        Rejection{"coding_in_1_0", "POST /json HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Rejection{"bad_chunk_size", with_body("Transfer-Encoding: chunked", "x\r\n\r\n0\r\n\r\n"), 400},
        Rejection{"overflowing_chunk_size",
                  with_body("Transfer-Encoding: chunked", "10000000000000005\r\nhello\r\n"), 400},
        Rejection{"chunk_without_its_end", with_body("Transfer-Encoding: chunked", "5\r\nhello0\r\n\r\n"),
                  400},
        Rejection{"chunk_line_with_bare_lf", with_body("Transfer-Encoding: chunked", "5\nhello\r\n0\r\n\r\n"),
                  400},
        Rejection{"lf_in_a_quoted_extension",
                  with_body("Transfer-Encoding: chunked", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"), 400},
        Rejection{"trailer_with_bare_lf", with_body("Transfer-Encoding: chunked", "0\r\nA: b\n\r\n"), 400},
        Rejection{"length_in_the_trailers",
                  with_body("Transfer-Encoding: chunked", "0\r\nContent-Length: 5\r\n\r\n"), 400},
        Rejection{"expectation", with_body("Expect: tea\r\nContent-Length: 1", "x"), 417},
        Rejection{"request_line_too_long", "GET /" + std::string(8192, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n",
                  414},
        Rejection{"method_too_long", std::string(8192, 'X') + " /json HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        Rejection{"head_too_large",
                  with_field("A: " + std::string(5000, 'x') + "\r\nB: " + std::string(5000, 'x')), 431}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(Rejection, of_a_head_request_has_no_body) {
  LiveServer server;
  const std::string bytes = exchange(server.port(), "HEAD /json HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 400 ")) << bytes;
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n")) << bytes;
}

/// What a script reads of the response to a request that is refused: its Access-Control-Allow-Origin.
class RefusedOrigin : public testing::Test {
 protected:
  static LiveServer server_for(const CorsOptions& options) {
    Router router;
    router.use(middleware::cors("", options));
    router.post("/", [](const Request&, chopin::Response&) {});
    Config config = test_config();
    config.limits.max_body = 10;
    return LiveServer(config, std::move(router));
  }

  static std::vector<std::string> refused(const std::string& origin) {
    const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n" + origin;
    return {"GET / HTTP/1.1\r\n" + origin + "\r\n",
            "GET /%00 HTTP/1.1\r\nHost: h\r\n" + origin + "\r\n",
            post + "Content-Length: 11\r\n\r\n",
            post + "X: " + std::string(9000, 'x') + "\r\n\r\n",
            post + "X : y\r\n",
            post + "Transfer-Encoding: chunked\r\n\r\nx\r\n",
            post + "Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n"};
  }
};

TEST_F(RefusedOrigin, is_allowed_where_the_router_allows_every_origin) {
  LiveServer server = server_for({});
  for (const std::string& origin : {std::string(), std::string("Origin: https://a.example\r\n")}) {
    for (const std::string& request : refused(origin)) {
      const Response response = ask(server.port(), request);
      EXPECT_GE(response.status, 400) << request;
      EXPECT_EQ(response.field("Access-Control-Allow-Origin"), "*") << request;
      EXPECT_EQ(response.field("Connection"), "close") << request;
    }
  }
}

TEST_F(RefusedOrigin, is_allowed_where_the_router_allows_this_one) {
  LiveServer server = server_for({.origins = {"https://a.example"}, .credentials = true});
  for (const std::string& request : refused("Origin: https://a.example\r\n")) {
    const Response response = ask(server.port(), request);
    EXPECT_GE(response.status, 400) << request;
    EXPECT_EQ(response.field("Access-Control-Allow-Origin"), "https://a.example") << request;
    EXPECT_EQ(response.field("Vary"), "Origin") << request;
    EXPECT_EQ(response.field("Connection"), "close") << request;
  }
  for (const std::string& request : refused("Origin: https://b.example\r\n")) {
    EXPECT_EQ(ask(server.port(), request).field("Access-Control-Allow-Origin"), "") << request;
  }
}

TEST_F(RefusedOrigin, is_allowed_when_a_body_takes_too_long) {
  Config config = test_config();
  config.timeouts.body = 1ms;
  Router router;
  router.use(middleware::cors("", {.origins = {"https://a.example"}}));
  LiveServer server(config, std::move(router));
  const Response response = ask(
      server.port(), "POST / HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\nContent-Length: 2\r\n\r\nx");
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.field("Access-Control-Allow-Origin"), "https://a.example");
}

TEST(Rejection, of_a_router_without_cors_allows_no_origin) {
  LiveServer server(test_config(), Router());
  EXPECT_EQ(ask(server.port(), "GET / HTTP/1.1\r\nOrigin: https://a.example\r\n\r\n")
                .field("Access-Control-Allow-Origin"),
            "");
}

TEST(Rejection, does_not_wait_for_the_rest_of_a_malformed_head) {
  LiveServer server;
  const std::string head = "GET /json HTTP/1.1\r\nHost: h\r\n";
  const std::string large_head = head + "Y: " + std::string(2000, 'y') + "\r\n";
  for (const std::string& start : {std::string("\x16\x03\x01"),
                                   std::string("GE("),
                                   std::string("GET / H\r\n\r\n"),
                                   std::string("GET /json HTTP/3.0\r\n"),
                                   std::string("GET /json FTP"),
                                   std::string("GET json HTTP/1.1\r\n"),
                                   std::string("GET /json HTTP/1.1\r\nHost: h\nX"),
                                   std::string("GET /json HTTP/1.1\r\nX : y\r\nZ"),
                                   std::string("GET /json HTTP/1.1\r\nX "),
                                   std::string("GET /json HTTP/1.1\r\n\n"),
                                   head + "\n",
                                   head + ":",
                                   head + "X: y\r\n z",
                                   head + "Host: h\r\n",
                                   head + "Content-Length: x\r\n",
                                   large_head + "\n",
                                   large_head + ": y\r\n",
                                   large_head + " y\r\n",
                                   large_head + "Host: h\r\n",
                                   with_body("Transfer-Encoding: chunked", "0\r\nX\r\n"),
                                   with_body("Transfer-Encoding: chunked", "0\r\nX: y\r\n z\r\n")}) {
    RawClient client(server.port());
    client.send(start);
    EXPECT_TRUE(client.read_response().status >= 400) << start;
  }
}

TEST(Rejection, of_a_large_head_that_ends_early_names_its_fault) {
  LiveServer server;
  RawClient client(server.port());
  client.send("GET /json HTTP/1.1\r\nHost: h\r\nX: " + std::string(1100, 'x') + "\r\nY");
  EXPECT_TRUE(client.is_silent_for(50ms));
  client.send(" ");  // a large head is parsed again only at the end of a line
  client.shutdown_send();
  EXPECT_NE(client.read_to_end().find("malformed field name"), std::string::npos);
}

TEST(Rejection, reaches_a_client_that_is_still_sending) {
  LiveServer server;
  RawClient client(server.port());
  client.send("POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
  const std::string piece(50'000, 'x');
  for (int i = 0; i < 100; ++i) client.send(piece);
  const std::string bytes = client.read_to_end();  // throws on a reset
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 413 Content Too Large\r\n")) << bytes;
}

TEST(Rejection, of_a_body_reaches_a_client_that_sends_all_of_it_before_it_reads) {
  LiveServer server;
  RawClient client(server.port());
  const std::string body(64 * 1024 * 1024, 'x');
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 67108864\r\n\r\n");
  client.send(body);
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 413 "));  // throws on a reset
}

TEST(Rejection, is_the_same_wherever_the_bytes_are_split) {
  LiveServer server;
  for (const std::string& stream :
       {std::string("GET /json HTTP/2.0x\r\n\r\n"), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("GET /json HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"),
        with_body("Transfer-Encoding: chunked", "5;a=\"b\r\nhello\r\n0\r\n\r\n")}) {
    const std::string expected = without_dates(exchange(server.port(), stream));
    for (std::size_t split = 1; split < stream.size(); ++split) {
      RawClient client(server.port());
      client.send(stream.substr(0, split));
      try {
        client.send(stream.substr(split));
      } catch (const std::exception&) {
        // refused already
      }
      EXPECT_EQ(without_dates(client.read_to_end()), expected) << stream << " split at " << split;
    }
  }
}

}  // namespace
}  // namespace chopin::test
