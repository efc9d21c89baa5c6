#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/later.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

// ---- Where a response may come from. ----

TEST_F(Later, a_timer_of_the_workers_context_may_respond) {
  start([](Responder responder) {
    auto timer = std::make_shared<boost::asio::steady_timer>(responder.io_context(), 5ms);
    timer->async_wait([timer, responder = std::make_shared<Responder>(std::move(responder))](
                          boost::system::error_code) { respond(std::move(*responder), "in time"); });
  });
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/") + get("/now"));
    EXPECT_EQ(client.read_response().body, "in time");
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, another_thread_may_respond) {
  start();
  RawClient client(port());
  for (int i = 0; i < 100; ++i) {
    client.send(get("/later"));
    respond(shelf.take(), "from outside");
    EXPECT_EQ(client.read_response().body, "from outside");
  }
}

TEST_F(Later, a_thread_may_respond_while_the_handler_still_runs) {
  start([](Responder responder) {
    std::thread([responder = std::move(responder)]() mutable {
      respond(std::move(responder), "overtaken");
    }).join();
  });
  RawClient client(port());
  client.send(get("/") + get("/now") + get("/"));
  EXPECT_EQ(client.read_response().body, "overtaken");
  EXPECT_EQ(client.read_response().body, "now");
  EXPECT_EQ(client.read_response().body, "overtaken");
}

TEST_F(Later, the_handler_itself_may_respond_at_once) {
  start([](Responder responder) { respond(std::move(responder), "at once"); });
  RawClient client(port());
  std::string burst;
  for (int i = 0; i < 50; ++i) burst += get("/") + get("/now");
  client.send(burst);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.read_response().body, "at once");
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, the_handler_of_another_connection_may_respond) {
  router.post("/publish", [this](const Request& request, chopin::Response& response) {
    while (shelf.size() > 0) respond(shelf.take(), request.body());
    response.text("published");
  });
  for (const Mode mode : {Mode::performance, Mode::standard}) {
    Config config = test_config();
    config.mode = mode;
    config.workers = mode == Mode::standard ? 3 : 1;
    Router routes = router;
    std::swap(routes, router);
    start(config);
    router = std::move(routes);
    std::vector<RawClient> subscribers;
    for (int i = 0; i < 10; ++i) {
      subscribers.emplace_back(port());
      subscribers.back().send(get("/later"));
    }
    ASSERT_TRUE(eventually([this] { return shelf.size() == 10; }));
    RawClient publisher(port());
    publisher.send("POST /publish HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nnews" + get("/now"));
    EXPECT_EQ(publisher.read_response().body, "published");
    EXPECT_EQ(publisher.read_response().body, "now");
    for (RawClient& subscriber : subscribers) {
      EXPECT_EQ(subscriber.read_response().body, "news");
      subscriber.send(get("/now"));
      EXPECT_EQ(subscriber.read_response().body, "now");
    }
  }
}

Task<> respond_after(Responder responder, std::chrono::milliseconds pause) {
  co_await sleep_for(pause);
  respond(std::move(responder), "slept");
}

TEST_F(Later, a_coroutine_on_the_workers_executor_may_respond) {
  start([](Responder responder) {
    const Executor executor = responder.executor();
    boost::asio::co_spawn(executor, respond_after(std::move(responder), 5ms), boost::asio::detached);
  });
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/") + get("/now"));
    EXPECT_EQ(client.read_response().body, "slept");
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, a_sleeping_coroutine_is_destroyed_with_the_server) {
  const auto owned = std::make_shared<int>();
  start([owned](Responder responder) {
    const Executor executor = responder.executor();
    boost::asio::co_spawn(
        executor,
        [](Responder own, std::shared_ptr<int>) -> Task<> { co_await respond_after(std::move(own), 1h); }(
                                                    std::move(responder), owned),
        boost::asio::detached);
  });
  RawClient client(port());
  client.send(get("/"));
  pass_by_the_worker();
  EXPECT_GT(owned.use_count(), 2);
  server.reset();
  router = Router();
  EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(Later, other_threads_may_post_to_the_workers_executor) {
  start();
  RawClient client(port());
  client.send(get("/later"));
  auto responder = std::make_shared<Responder>(shelf.take());
  boost::asio::post(responder->executor(), [responder] { respond(std::move(*responder), "posted"); });
  EXPECT_EQ(client.read_response().body, "posted");
}

TEST_F(Later, a_context_timer_that_another_request_restarts_is_noticed) {
  std::shared_ptr<boost::asio::steady_timer> timer;
  router.route(Method::get, "/lend", [&timer](Responder responder) {
    timer = std::make_shared<boost::asio::steady_timer>(responder.io_context());
    respond(std::move(responder), "lent");
  });
  router.get("/start", [&timer](const Request&, chopin::Response&) {
    timer->expires_after(1h);
    timer->async_wait([](boost::system::error_code) {});
  });
  router.get("/restart", [this, &timer](const Request&, chopin::Response&) {
    timer->expires_after(1ms);  // cancels the previous wait
    timer->async_wait([this](boost::system::error_code ec) {
      if (!ec) respond(shelf.take(), "rang");
    });
  });
  router.get("/drop", [&timer](const Request&, chopin::Response&) { timer.reset(); });  // before the context
  start();
  RawClient client(port());
  client.send(get("/lend") + get("/start") + get("/restart") + get("/later"));
  EXPECT_EQ(client.read_response().body, "lent");
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_response().body, "rang");
  client.send(get("/drop"));
  EXPECT_EQ(client.read_response().status, 200);
}

}  // namespace
}  // namespace chopin::test
