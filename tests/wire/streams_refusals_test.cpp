#include <chrono>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/posts.hpp"
#include "wire/streams.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

TEST_F(Streams, a_body_larger_than_the_routes_limit_is_refused) {
  Router router;
  router.post("/ten", count, {.max_body = 10}).post("/whole", now, {.max_body = 10}).post("/usual", now);
  Config config = test_config();
  config.limits.max_body = 20;
  const LiveServer server(config, std::move(router));
  for (const std::string path : {"/ten", "/whole"}) {
    EXPECT_EQ(ask(server.port(), post_head(path, 10) + "0123456789").status, 200);
    EXPECT_EQ(ask(server.port(), post_head(path, 11) + "0123456789a").status, 413);
    EXPECT_EQ(ask(server.port(), post_head(path, 11)).status, 413);
    EXPECT_EQ(ask(server.port(), post_chunked(path) + "a\r\n0123456789\r\n0\r\n\r\n").status, 200);
    EXPECT_EQ(ask(server.port(), post_chunked(path) + "b\r\n0123456789a\r\n0\r\n\r\n").status, 413);
    EXPECT_EQ(ask(server.port(), post_chunked(path) + "b\r\n0").status, 413);
  }
  EXPECT_EQ(ask(server.port(), post_head("/usual", 20) + std::string(20, 'x')).status, 200);
  EXPECT_EQ(ask(server.port(), post_head("/usual", 21)).status, 413);
}

TEST_F(Streams, a_route_may_take_larger_bodies_than_the_server) {
  Router router;
  router.post("/large", count, {.max_body = 1000})
      .post("/whole", now, {.max_body = 1000})
      .post("/usual", now);
  Config config = test_config();
  config.limits.max_body = 20;
  const LiveServer server(config, std::move(router));
  for (const std::string path : {"/large", "/whole"}) {
    RawClient client(server.port());
    for (int round = 0; round < 3; ++round) {
      client.send(post_head(path, 1000) + std::string(1000, 'x'));
      EXPECT_EQ(client.read_response().status, 200);
    }
    EXPECT_EQ(ask(server.port(), post_head(path, 1001)).status, 413);
  }
  RawClient client(server.port());
  for (int round = 0; round < 3; ++round) {
    client.send(post_head("/usual", 20) + std::string(20, 'x'));
    EXPECT_EQ(client.read_response().status, 200);
  }
  EXPECT_EQ(ask(server.port(), post_head("/usual", 21) + std::string(21, 'x')).status, 413);
  EXPECT_EQ(ask(server.port(), post_head("/usual", 500)).status, 413);
  EXPECT_EQ(
      ask(server.port(), post_chunked("/usual") + "15\r\n" + std::string(21, 'x') + "\r\n0\r\n\r\n").status,
      413);
}

TEST_F(Streams, malformed_truncated_and_slow_bodies_are_refused) {
  Config config = test_config();
  config.timeouts.body = 1ms;
  LiveServer server(config, router());
  EXPECT_EQ(ask(server.port(), post_chunked("/count") + "3\r\nabcX").status, 400);
  EXPECT_EQ(ask(server.port(), post_head("/count", 10) + "abc").status, 408);
  RawClient client(server.port());
  client.send(post_head("/count", 10) + "abc");
  client.shutdown_send();
  const Response response = client.read_response();
  EXPECT_TRUE(response.status == 400 || response.status == 408) << response.status;
  EXPECT_EQ(response.field("Connection"), "close");
  const auto counters = server.stop();
  EXPECT_EQ(counters.rejected_for(http::Rejection::chunk_end), 1U);
  EXPECT_GE(counters.rejected_for(http::Rejection::timed_out), 1U);
}

TEST_F(Streams, a_handler_that_does_not_read_the_body_ends_the_connection_with_its_response) {
  Router router;
  router.post("/", [](Exchange& exchange) -> Task<> {
    exchange.response().error(403, "no");
    co_return;
  });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(post_head("/", 100'000) + "some");
  const Response response = client.read_response();
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.field("Connection"), "close");
  RawClient whole(server.port());
  whole.send(post_head("/", 4) + "some");
  EXPECT_EQ(whole.read_response().field("Connection"), "");
  client.shutdown_send();
  client.read_to_end();
  EXPECT_EQ(server.stop().closed_by(CloseReason::body_unread), 1U);
}

TEST_F(Streams, a_layer_that_responds_before_the_body_has_come_ends_the_connection) {
  Router router;
  router.use({.name = "guard", .reason = "", .before = [](chopin::Request&, chopin::Response&) {
                return Verdict::fail(401, "who are you?");
              }});
  router.post("/copy", copy);
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(post_head("/copy", 100'000) + "some");
  EXPECT_EQ(client.read_response().field("Connection"), "close");
  client.send(std::string(99'996, 'x') + get("/now"));
  client.shutdown_send();
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop().closed_by(CloseReason::body_unread), 1U);
}

TEST_F(Streams, a_handler_whose_time_is_over_amid_the_body_ends_the_connection) {
  Router router;
  router.post("/", [](Exchange& exchange) -> Task<> {
    (void)co_await exchange.read();
    co_await sleep_for(1h);
  });
  Config config = test_config();
  config.timeouts.handler = 1ms;
  LiveServer server(config, std::move(router));
  RawClient client(server.port());
  client.send(post_head("/", 100'000) + "some");
  const Response response = client.read_response();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.field("Connection"), "close");
  client.send(std::string(99'996, 'x') + get("/now"));
  client.shutdown_send();
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop().closed_by(CloseReason::body_unread), 1U);
}

}  // namespace
}  // namespace chopin::test
