#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using connection::CloseReason;

TEST(Endings, a_client_that_half_closes_still_gets_its_responses) {
  LiveServer server;
  RawClient client(server.port());
  client.send(get_json + get_json);
  client.shutdown_send();
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop().closed_by(CloseReason::peer_closed), 1U);
}

TEST(Endings, a_request_that_ends_early_gets_400) {
  LiveServer server;
  for (const char* start :
       {"GET /js", "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel",
        "POST /json HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"}) {
    RawClient client(server.port());
    client.send(get_json + start);
    client.shutdown_send();
    EXPECT_EQ(client.read_response().status, 200);
    EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 400 ")) << start;
  }
  EXPECT_EQ(server.stop().closed_by(CloseReason::rejected), 3U);
}

TEST(Endings, a_client_that_half_closes_gets_a_response_larger_than_every_buffer) {
  LiveServer server(test_config(), only(FastRoute::text("/big", std::string(20'000'000, 'x'))));
  RawClient client(server.port());
  client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_exactly(1);
  client.shutdown_send();
  EXPECT_GT(client.read_to_end().size(), 20'000'000U);
  EXPECT_EQ(server.stop().closed_by(CloseReason::peer_closed), 1U);
}

TEST(Endings, a_half_closed_connection_without_a_request_ends_at_once) {
  LiveServer server;
  RawClient client(server.port());
  client.send(get_json);
  EXPECT_EQ(client.read_response().status, 200);
  client.shutdown_send();
  EXPECT_EQ(client.read_to_end(), "");
  RawClient silent(server.port());
  silent.shutdown_send();
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(server.stop().closed_by(CloseReason::peer_closed), 2U);
}

TEST(Endings, a_reset_at_any_point_frees_the_connection_at_once) {
  Config config = test_config();
  config.max_connections = 1;
  LiveServer server(config);
  const std::string post = "POST /echo HTTP/1.1\r\nHost: h\r\n";
  for (const std::string& bytes :
       {std::string(), std::string("GET /js"), post + "Content-Length: 9\r\n\r\nab",
        post + "Transfer-Encoding: chunked\r\n\r\n5;x", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nA",
        post + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n", get_json, get_json + get_json + "G",
        std::string("BAD\x01\r\n\r\n"), std::string("GET /json HTTP/1.0\r\n\r\n")}) {
    RawClient client(server.port());
    client.send(bytes);
    client.reset();
    EXPECT_EQ(ask(server.port(), get_json).status, 200) << bytes;
  }
}

TEST(Endings, every_connection_is_counted_under_one_reason) {
  LiveServer server;
  {
    RawClient silent(server.port());
    RawClient asked(server.port());
    asked.send(get_json);
    asked.read_response();
    RawClient closing(server.port());
    closing.send("GET /json HTTP/1.0\r\n\r\n");
    closing.read_to_end();
    RawClient bad(server.port());
    bad.send("x\x01\r\n");
    bad.read_to_end();
    RawClient reset(server.port());
    reset.send(get_json);
    reset.read_response();
    reset.reset();
  }
  EXPECT_EQ(ask(server.port(), get_json).status, 200);
  const connection::Counters counters = server.stop();
  EXPECT_EQ(counters.connections, 6U);
  std::uint64_t closed = 0;
  for (const std::uint64_t count : counters.closed) closed += count;
  EXPECT_EQ(closed, counters.connections);
  EXPECT_EQ(counters.closed_by(CloseReason::client_asked), 1U);
  EXPECT_EQ(counters.closed_by(CloseReason::rejected), 1U);
  EXPECT_EQ(counters.requests, 4U);
}

TEST(Endings, a_reset_in_the_middle_of_a_response_does_not_harm_other_clients) {
  LiveServer server(test_config(), only(FastRoute::text("/big", std::string(3'000'000, 'x'))));
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port());
    client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_exactly(10);
    client.reset();
  }
  EXPECT_EQ(ask(server.port(), "GET /big HTTP/1.1\r\nHost: h\r\n\r\n").body.size(), 3'000'000U);
}

TEST(Endings, a_close_with_input_still_unread_does_not_reset) {
  LiveServer server;
  RawClient neighbour(server.port());
  // A long head has its own 8 KiB buffer, so the read that completes this head takes exactly its rest.
  std::string last =
      "GET /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\nA: " + std::string(4000, 'a') + "\r\nB: ";
  last += std::string(8192 - last.size() - 4, 'b') + "\r\n\r\n";
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port());
    client.send(last.substr(0, 5000));
    neighbour.send(get_json);
    EXPECT_EQ(neighbour.read_response().status, 200);
    client.send(last.substr(5000) + get_json + get_json);
    EXPECT_EQ(statuses_of(client.read_to_end()), std::vector<int>{200});  // throws on a reset
  }
}

}  // namespace
}  // namespace chopin::test
