#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

const std::string next_request = "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n";

/// The statuses of the answers to a request and to the one behind it.
std::pair<int, int> two_statuses(const LiveServer& server, const std::string& request) {
  RawClient client(server.port());
  client.send(request + next_request);
  const int first = client.read_response().status;
  return {first, client.read_response().status};
}

TEST(Bodies, are_read_to_their_end_and_never_as_the_next_request) {
  LiveServer server;
  const std::string smuggled = "GET /json HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string length = std::to_string(smuggled.size());
  ASSERT_EQ(length, "31");
  const std::pair<int, int> not_allowed_then_found{405, 200};
  const std::pair<int, int> found_twice{200, 200};
  EXPECT_EQ(two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n" +
                                     smuggled),
            not_allowed_then_found);
  EXPECT_EQ(two_statuses(
                server, "GET /json HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n" + smuggled),
            found_twice);
  EXPECT_EQ(
      two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n" +
                               smuggled + "\r\n0\r\n\r\n"),
      not_allowed_then_found);
  EXPECT_EQ(two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
            not_allowed_then_found);
}

TEST(Bodies, larger_than_the_read_buffer_are_dropped_piece_by_piece) {
  LiveServer server;
  EXPECT_EQ(two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" +
                                     std::string(1'000'000, 'x'))
                .second,
            200);
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += "1000;n=v\r\n" + std::string(4096, 'y') + "\r\n";
  EXPECT_EQ(two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                     chunks + "0\r\nA: b\r\n\r\n")
                .second,
            200);
}

TEST(Bodies, are_held_to_their_limit_announced_or_counted) {
  Config config = test_config();
  config.limits.max_body = 10;
  LiveServer server(config);
  const auto status = [&](const std::string& fields_and_body) {
    return ask(server.port(), "POST /json HTTP/1.1\r\nHost: h\r\n" + fields_and_body).status;
  };
  EXPECT_EQ(status("Content-Length: 10\r\n\r\n0123456789"), 405);
  EXPECT_EQ(status("Content-Length: 11\r\n\r\n"), 413);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"), 405);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n"), 413);
  EXPECT_EQ(status("Expect: 100-continue\r\nContent-Length: 11\r\n\r\n"), 413);
}

TEST(Bodies, a_client_that_waits_for_100_gets_it_before_the_answer) {
  LiveServer server;
  RawClient client(server.port());
  client.send("POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_exactly(25), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(client.is_silent_for(50ms));
  client.send("ab");
  EXPECT_EQ(client.read_response().status, 405);
}

TEST(Bodies, nobody_else_gets_a_100) {
  LiveServer server;
  for (const char* request :
       {"POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",  // it did
                                                                                                  // not wait
        "POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
        "POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        "POST /json HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"}) {
    EXPECT_EQ(ask(server.port(), request).status, 405) << request;
  }
}

TEST(Bodies, an_unknown_expectation_fails) {
  LiveServer server;
  const std::string bytes =
      exchange(server.port(),
               "POST /json HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 2\r\n\r\nab" + next_request);
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 417 ")) << bytes;
  EXPECT_EQ(statuses_of(bytes).size(), 1U) << bytes;
}

}  // namespace
}  // namespace chopin::test
