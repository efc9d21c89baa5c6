#include <atomic>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/posts.hpp"
#include "wire/streams.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

TEST_F(Streams, a_part_outlasts_its_connection) {
  std::atomic<int> same = 0;
  Router router;
  router.post("/", [&](Exchange& exchange) -> Task<> {
    const std::string_view part = co_await exchange.read();
    const std::string before(part);
    same = -1;
    try {
      co_await sleep_for(1h);
    } catch (const boost::system::system_error&) {
      same = before == part ? 1 : 2;
    }
  });
  const LiveServer server(test_config(), std::move(router));
  for (const std::string& request :
       {post_head("/", 100'000) + letters_of(50'000), post_chunked("/") + "5\r\nhello\r\n"}) {
    RawClient client(server.port());
    client.send(request);
    EXPECT_TRUE(eventually([&] { return same == -1; }));
    client.reset();
    EXPECT_TRUE(eventually([&] { return same != -1; }));
    EXPECT_EQ(same, 1);
  }
}

TEST_F(Streams, a_handler_that_fails_amid_the_body_ends_the_connection_without_the_last_chunk) {
  Router router;
  router.get("/", [](Exchange& exchange) -> Task<> {
    co_await exchange.write("half");
    throw std::runtime_error("failed");
  });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(get("/"));
  EXPECT_EQ(body_until_close(client), "4\r\nhalf\r\n");
  EXPECT_EQ(server.stop().closed_by(CloseReason::failed), 1U);
}

TEST_F(Streams, a_handler_whose_client_disconnects_is_cancelled) {
  std::atomic<int> running = 0;
  std::atomic<int> failed = 0;
  Router router;
  router.get("/", [&](Exchange& exchange) -> Task<> {
    ++running;
    try {
      for (;;) {
        co_await exchange.write("tick\n");
        co_await sleep_for(1ms);
      }
    } catch (const boost::system::system_error&) {
      ++failed;
    }
    --running;
  });
  router.post("/", [&](Exchange& exchange) -> Task<> {
    ++running;
    try {
      while (!(co_await exchange.read()).empty()) continue;
    } catch (const boost::system::system_error&) {
      ++failed;
    }
    --running;
  });
  const LiveServer server(test_config(), std::move(router));
  {
    RawClient reader(server.port());
    reader.send(get("/"));
    RawClient writer(server.port());
    writer.send(post_head("/", 100'000) + "some");
    EXPECT_TRUE(eventually([&] { return running == 2; }));
    reader.reset();
    writer.reset();
  }
  EXPECT_TRUE(eventually([&] { return running == 0; }));
  EXPECT_EQ(failed, 2);
}

TEST_F(Streams, a_stream_outlasts_the_handler_timeout_and_a_server_with_one_ends) {
  Router router;
  router.get("/", [](Exchange& exchange) -> Task<> {
    co_await exchange.write("first ");
    co_await sleep_for(1500ms);
    co_await exchange.write("second");
  });
  router.get("/endless", [](Exchange& exchange) -> Task<> {
    co_await exchange.write("first ");
    co_await sleep_for(1h);
  });
  Config config = test_config();
  config.timeouts.handler = 1ms;
  config.timeouts.drain = 1ms;
  LiveServer server(config, std::move(router));
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(unchunked(body_until_close(client)).first, "first second");
  RawClient endless(server.port());
  endless.send(get("/endless"));
  EXPECT_EQ(endless.read_exactly(15), "HTTP/1.1 200 OK");
  EXPECT_EQ(server.stop().closed_by(CloseReason::cut), 1U);
}

TEST_F(Streams, an_upload_outlasts_the_handler_timeout) {
  Router router;
  router.post("/", [](Exchange& exchange) -> Task<> {
    std::size_t count = 0;
    while (true) {
      const std::string_view part = co_await exchange.read();
      if (part.empty()) break;
      count += part.size();
    }
    co_await exchange.write(std::to_string(count));
  });
  Config config = test_config();
  config.timeouts.handler = 1ms;
  LiveServer server(config, std::move(router));
  RawClient client(server.port());
  client.send(post_head("/", 3));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.is_silent_for(600ms));  // more than the handler timeout and a tick
    client.send("x");
  }
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(server.stop().handler_timeouts, 0U);
}

}  // namespace
}  // namespace chopin::test
