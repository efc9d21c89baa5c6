#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/posts.hpp"
#include "wire/streams.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

// ---- Response bodies in parts. ----

TEST_F(Streams, a_response_is_sent_in_chunks_as_it_is_written) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  client.send(get("/words") + get("/now"));
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n";
  EXPECT_EQ(client.read_exactly(head.size()), head);
  client.send("GET /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto [content, rest] = unchunked(body_until_close(client));
  EXPECT_EQ(content, "one two three");
  EXPECT_EQ(statuses_of(rest), (std::vector<int>{200, 200}));
}

TEST_F(Streams, a_client_of_http_1_0_gets_the_body_until_the_end_of_the_connection) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  client.send("GET /words HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_EQ(all.find("chunked"), std::string::npos);
  EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\none two three"));
}

TEST_F(Streams, a_head_request_gets_the_head_alone) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  client.send("HEAD /words HTTP/1.1\r\nHost: h\r\n\r\n" + get("/now"));
  EXPECT_EQ(client.read_response(true).field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Streams, both_bodies_may_be_streams_at_once) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  const std::string body = letters_of(400'000);
  client.send(post_head("/copy", body.size()));
  std::string received;
  for (std::size_t at = 0; at < body.size(); at += 20'000) client.send(body.substr(at, 20'000));
  client.send("GET /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto [content, rest] = unchunked(body_until_close(client));
  EXPECT_TRUE(content == body) << content.size();
  EXPECT_EQ(statuses_of(rest), (std::vector<int>{200}));
}

TEST_F(Streams, a_client_that_stops_reading_stops_the_handler) {
  std::atomic<std::size_t> written = 0;
  Router router;
  router.get("/", [&](Exchange& exchange) -> Task<> {
    const std::string part(10'000, 'p');
    for (int i = 0; i < 5000; ++i) {
      co_await exchange.write(part);
      written += part.size();
    }
  });
  router.get("/now", now);
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(get("/"));
  std::size_t last = 1;
  EXPECT_TRUE(eventually([&] {  // until nothing more is written while the worker serves others
    for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(server.port(), get("/now")).status, 200);
    return std::exchange(last, written.load()) == written;
  }));
  EXPECT_LT(written, 40'000'000U);  // the kernel's buffers
  client.send("GET /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(unchunked(body_until_close(client)).first.size(), 50'000'000U);
}

TEST_F(Streams, exceptions_before_the_first_part_become_responses) {
  Router router;
  router.get("/", [](Exchange&) -> Task<> {
    co_await sleep_for(1ms);
    throw HttpError(404, "no such file");
  });
  router.get("/no-content", [](Exchange& exchange) -> Task<> {
    exchange.response().no_content();
    co_await exchange.write("?");
  });
  const LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/")).status, 404);
  EXPECT_EQ(ask(server.port(), get("/no-content")).status, 500);
}

TEST_F(Streams, pass_the_middleware_before_the_head_is_sent) {
  Router router;
  router.use({.name = "mark", .reason = "", .after = [](const chopin::Request&, chopin::Response& response) {
                response.field("X-Mark", "m");
              }});
  router.get("/words", three_words);
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send("GET /words HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("\r\nX-Mark: m\r\n"), std::string::npos);
  EXPECT_EQ(all.find("X-Mark"), all.rfind("X-Mark"));
}

}  // namespace
}  // namespace chopin::test
