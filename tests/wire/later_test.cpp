#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "harness/shelf.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

void respond(Responder responder, std::string_view text) {
  responder.response().text(text);
  responder.send();
}

/// A server whose GET /later responds when the test lets it, and GET /now at once.
class Later : public testing::Test {
 protected:
  void start(const Config& config = test_config()) {
    router.route(Method::get, "/later", [this](Responder responder) { shelf.put(std::move(responder)); });
    router.get("/now", [](const Request&, chopin::Response& response) { response.text("now"); });
    server.emplace(config, std::move(router));
  }
  void start(LaterHandler handler, const Config& config = test_config()) {
    router.route(Method::get, "/", std::move(handler));
    start(config);
  }
  [[nodiscard]] std::uint16_t port() const { return server->port(); }

  /// Once this has its response, the worker has handled everything that reached it before.
  void pass_by_the_worker() const { EXPECT_EQ(ask(port(), get("/now")).status, 200); }

  Router router;
  Shelf shelf;
  std::optional<LiveServer> server;
};

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

// ---- Handlers that do not respond, or throw. ----

TEST_F(Later, a_responder_dropped_anywhere_sends_500_and_the_connection_stays_open) {
  start([](Responder) {});
  RawClient client(port());
  const auto expect_500 = [&] {
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 500);
    EXPECT_NE(response.body.find("INTERNAL_ERROR"), std::string::npos) << response.body;
    client.send(get("/now"));
    EXPECT_EQ(client.read_response().body, "now");
  };
  client.send(get("/"));
  expect_500();
  client.send(get("/later"));
  {
    const Responder dropped_by_another_thread = shelf.take();
  }
  expect_500();
}

TEST_F(Later, what_was_filled_in_before_a_responder_was_dropped_is_not_sent) {
  start([](Responder responder) {
    responder.response().status(201).field("X-Secret", "half").text("half a response");
  });
  const Response response = ask(port(), get("/"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.field("X-Secret"), "");
  EXPECT_EQ(response.body.find("half"), std::string::npos);
}

TEST_F(Later, an_exception_that_destroys_the_responder_becomes_the_response) {
  router.route(Method::get, "/error", [](Responder) { throw HttpError(409, "taken"); });
  router.route(Method::get, "/standard", [](Responder) { throw std::runtime_error("inner matter"); });
  router.route(Method::get, "/int", [](Responder) { throw 7; });
  router.route(Method::get, "/moved", [](Responder responder) {
    const Responder own = std::move(responder);
    throw HttpError(418, "moved within the handler");
  });
  start();
  RawClient client(port());
  for (const auto& [path, status] : {std::pair{"/error", 409}, std::pair{"/standard", 500},
                                     std::pair{"/int", 500}, std::pair{"/moved", 418}}) {
    client.send(get(path) + get("/now"));
    const Response response = client.read_response();
    EXPECT_EQ(response.status, status) << path;
    EXPECT_EQ(response.field("Content-Type"), "application/json") << path;
    EXPECT_EQ(response.body.find("inner"), std::string::npos) << response.body;
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, an_exception_after_the_responder_has_moved_elsewhere_leaves_the_response_to_it) {
  start([this](Responder responder) {
    shelf.put(std::move(responder));
    throw std::runtime_error("too late");
  });
  RawClient client(port());
  client.send(get("/"));
  respond(shelf.take(), "the real one");
  EXPECT_EQ(client.read_response().body, "the real one");
  client.send(get("/now"));
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, an_exception_after_the_response_does_not_change_it) {
  start([](Responder responder) {
    respond(std::move(responder), "sent");
    throw 7;
  });
  RawClient client(port());
  client.send(get("/") + get("/now"));
  EXPECT_EQ(client.read_response().body, "sent");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, completion_handlers_in_the_context_may_throw) {
  start([](Responder responder) {
    auto& context = responder.io_context();
    boost::asio::post(context, [responder = std::make_shared<Responder>(std::move(responder))]() -> void {
      if (responder->request().query() == "int") throw 7;
      throw std::runtime_error("not caught");
    });
  });
  RawClient client(port());
  for (const char* path : {"/?int", "/"}) {
    client.send(get(path) + get("/now"));
    EXPECT_EQ(client.read_response().status, 500);
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, an_operation_that_restarts_itself_forever_in_the_context_starves_nobody) {
  struct Endless {
    boost::asio::io_context& context;
    void operator()() const { boost::asio::post(context, *this); }
  };
  start([](Responder responder) {
    boost::asio::post(responder.io_context(), Endless{responder.io_context()});
    respond(std::move(responder), "started");
  });
  EXPECT_EQ(ask(port(), get("/")).body, "started");
  EXPECT_EQ(ask(port(), get("/now")).body, "now");
}

// ---- Clients that disconnect. ----

struct Gone {
  std::atomic<int> calls = 0;
  std::atomic<std::thread::id> thread;
};

LaterHandler shelve_and_watch(Shelf& shelf, Gone& gone) {
  return [&shelf, &gone](Responder responder) {
    responder.on_client_gone([&gone] {
      gone.thread = std::this_thread::get_id();
      ++gone.calls;
    });
    shelf.put(std::move(responder));
  };
}

TEST_F(Later, a_reset_by_the_client_is_reported_once_and_the_response_is_dropped) {
  Gone gone;
  std::atomic<std::thread::id> worker;
  router.get("/thread", [&](const Request&, chopin::Response&) { worker = std::this_thread::get_id(); });
  start(shelve_and_watch(shelf, gone));
  for (int i = 1; i <= 20; ++i) {
    RawClient client(port());
    client.send(get("/") + get("/now"));
    Responder responder = shelf.take();
    EXPECT_FALSE(responder.client_is_gone());
    client.reset();
    ASSERT_TRUE(eventually([&] { return gone.calls == i; }));
    EXPECT_TRUE(responder.client_is_gone());
    respond(std::move(responder), "for nobody");
    pass_by_the_worker();
  }
  EXPECT_EQ(ask(port(), get("/thread")).status, 200);
  EXPECT_EQ(gone.thread.load(), worker.load());
  const connection::Counters counters = server->stop();
  EXPECT_EQ(gone.calls, 20);
  EXPECT_EQ(counters.closed_by(CloseReason::peer_reset), 20U);
}

TEST_F(Later, a_reset_by_the_client_makes_room_for_others_before_the_response) {
  Config config = test_config();
  config.max_connections = 1;
  start(config);
  RawClient client(port());
  client.send(get("/later"));
  Responder responder = shelf.take();
  client.reset();
  pass_by_the_worker();
  respond(std::move(responder), "for nobody");
}

TEST_F(Later, a_half_close_is_reported_and_the_client_still_gets_its_response) {
  Gone gone;
  start(shelve_and_watch(shelf, gone));
  RawClient client(port());
  client.send(get("/") + get("/"));
  Responder first = shelf.take();
  client.shutdown_send();
  ASSERT_TRUE(eventually([&] { return gone.calls == 1; }));
  EXPECT_TRUE(first.client_is_gone());
  respond(std::move(first), "first");
  Responder second = shelf.take();
  ASSERT_TRUE(eventually([&] { return gone.calls == 2; })) << "known before the handler ran";
  EXPECT_TRUE(second.client_is_gone());
  respond(std::move(second), "second");
  EXPECT_EQ(client.read_response().body, "first");
  EXPECT_EQ(client.read_response().body, "second");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server->stop().closed_by(CloseReason::peer_closed), 1U);
}

TEST_F(Later, a_client_that_gets_its_response_first_is_never_reported_gone) {
  Gone gone;
  start(shelve_and_watch(shelf, gone));
  {
    RawClient client(port());
    client.send(get("/"));
    respond(shelf.take(), "in time");
    EXPECT_EQ(client.read_response().body, "in time");
  }
  server->stop();
  EXPECT_EQ(gone.calls, 0);
}

TEST_F(Later, a_client_gone_callback_may_throw_anything) {
  start([this](Responder responder) {
    responder.on_client_gone([is_int = responder.request().query() == "int"] {
      if (is_int) throw 7;
      throw std::runtime_error("gone");
    });
    shelf.put(std::move(responder));
  });
  for (const char* path : {"/?int", "/"}) {
    RawClient client(port());
    client.send(get(path));
    Responder responder = shelf.take();
    client.shutdown_send();
    ASSERT_TRUE(eventually([&] { return responder.client_is_gone(); }));
    respond(std::move(responder), "still here");
    EXPECT_EQ(client.read_response().body, "still here");
  }
}

TEST_F(Later, a_client_gone_callback_may_respond_or_drop_the_request) {
  start([](Responder responder) {
    auto shared = std::make_shared<std::optional<Responder>>();
    responder.on_client_gone([shared] {
      if ((*shared)->request().query() == "drop") return shared->reset();
      respond(*std::exchange(*shared, std::nullopt), "goodbye");
    });
    shared->emplace(std::move(responder));
  });
  for (const auto& [path, status] : {std::pair{"/?drop", 500}, std::pair{"/", 200}}) {
    RawClient client(port());
    client.send(get(path));
    client.shutdown_send();
    EXPECT_EQ(client.read_response().status, status);
    EXPECT_EQ(client.read_to_end(), "");
    RawClient resetting(port());
    resetting.send(get(path));
    resetting.reset();
    pass_by_the_worker();
  }
  RawClient held(port());
  held.send(get("/"));
  pass_by_the_worker();
  server->stop();  // the connection is cut, and its handler is told
}

// ---- Order and amounts. ----

TEST_F(Later, requests_after_a_pending_one_wait_and_are_served_in_order) {
  start();
  RawClient client(port());
  client.send(get("/now") + get("/later") + get("/now") + get("/later") + get("/nowhere"));
  EXPECT_EQ(client.read_response().body, "now");
  Responder first = shelf.take();
  pass_by_the_worker();
  EXPECT_EQ(shelf.size(), 0U) << "the second is not handled before the first has its response";
  client.send(get("/now"));
  respond(std::move(first), "first");
  EXPECT_EQ(client.read_response().body, "first");
  EXPECT_EQ(client.read_response().body, "now");
  respond(shelf.take(), "second");
  EXPECT_EQ(client.read_response().body, "second");
  EXPECT_EQ(client.read_response().status, 404);
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, a_request_that_comes_in_pieces_while_another_is_pending_is_served) {
  start();
  RawClient client(port());
  client.send(get("/later") + "GET /no");
  Responder pending = shelf.take();
  client.send("w HTTP/1.1\r\nHo");
  pass_by_the_worker();
  respond(std::move(pending), "first");
  EXPECT_EQ(client.read_response().body, "first");
  client.send("st: h\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, more_input_than_a_buffer_after_a_pending_request_is_all_served) {
  start();
  RawClient client(port());
  std::string burst = get("/later");
  constexpr int following = 2000;
  for (int i = 0; i < following; ++i) burst += get("/now");
  client.send(burst);
  respond(shelf.take(), "first");
  EXPECT_EQ(client.read_response().body, "first");
  for (int i = 0; i < following; ++i) ASSERT_EQ(client.read_response().body, "now") << i;
}

TEST_F(Later, hundreds_may_be_pending_and_get_responses_in_any_order) {
  start();
  constexpr std::size_t count = 400;
  std::vector<RawClient> clients;
  std::vector<Responder> responders;
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(port());
    clients.back().send("GET /later?" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  for (std::size_t i = 0; i < count; ++i) responders.push_back(shelf.take());
  while (!responders.empty()) {
    Responder responder = std::move(responders.back());
    responders.pop_back();
    const std::string number(responder.request().query());
    respond(std::move(responder), number);
  }
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(clients[i].read_response().body, std::to_string(i));
}

TEST_F(Later, large_responses_arrive_in_order_even_if_the_connection_blocks) {
  start();
  const std::string big(4'000'000, 'x');
  RawClient client(port());
  client.send(get("/later") + get("/later") + get("/now") + get("/later"));
  respond(shelf.take(), big);
  // The second is handled once the first, which the client does not read, has been passed to the kernel.
  RawClient reader(port());
  reader.send(get("/later"));
  respond(shelf.take(), big);
  EXPECT_EQ(reader.read_response().body.size(), big.size());
  EXPECT_EQ(client.read_response().body.size(), big.size());
  respond(shelf.take(), big + "y");
  EXPECT_EQ(client.read_response().body.size(), big.size() + 1);
  EXPECT_EQ(client.read_response().body, "now");
  respond(shelf.take(), "last");
  EXPECT_EQ(client.read_response().body, "last");
}

TEST_F(Later, a_response_may_come_while_the_one_before_it_blocks_the_connection) {
  const std::string half_a_write(Limits::max_pending_output / 2, 'x');
  router.get("/half", [&](const Request&, chopin::Response& response) { response.text(half_a_write); });
  start();
  constexpr int pairs = 400;
  std::string burst;
  for (int i = 0; i < pairs; ++i) burst += get("/half") + get("/later");
  for (const bool resets : {false, true}) {
    RawClient client(port());
    client.send(burst);
    int responses = 0;
    const auto respond_to_one = [&] {
      respond(shelf.take(), std::to_string(responses++));
      pass_by_the_worker();
      pass_by_the_worker();
    };
    do {
      respond_to_one();
    } while (shelf.size() > 0);  // once the kernel accepts no more, no other request is handled
    EXPECT_LT(responses, pairs);
    if (resets) {
      client.reset();
      pass_by_the_worker();
      continue;
    }
    for (int i = 0; i < pairs; ++i) {
      ASSERT_EQ(client.read_response().body.size(), half_a_write.size()) << i;
      if (i == responses) respond_to_one();
      ASSERT_EQ(client.read_response().body, std::to_string(i));
    }
  }
}

TEST_F(Later, a_pending_request_outlasts_every_timeout) {
  Config config = test_config();
  config.timeouts = {.header = 500ms, .body = 500ms, .idle = 500ms, .write = 500ms, .drain = 500ms};
  start(config);
  RawClient client(port());
  client.send(get("/later"));
  Responder responder = shelf.take();
  for (int i = 0; i < 2; ++i) {  // each ends with a header timeout
    RawClient silent(port());
    EXPECT_EQ(silent.read_to_end(), "");
  }
  respond(std::move(responder), "at last");
  EXPECT_EQ(client.read_response().body, "at last");
  EXPECT_EQ(client.read_to_end(), "") << "and is idle from then on";
  EXPECT_EQ(server->stop().closed_by(CloseReason::idle_timeout), 1U);
}

// ---- The end of the server. ----

TEST_F(Later, a_drain_waits_for_the_response_which_says_close) {
  for (const Mode mode : {Mode::performance, Mode::standard}) {
    Config config = test_config();
    config.mode = mode;
    config.workers = 2;
    router = {};
    start(config);
    std::optional<RawClient> client(port());
    client->send(get("/later") + get("/now"));
    Responder responder = shelf.take();
    RawClient idle(port());
    server->drain();
    EXPECT_EQ(idle.read_to_end(), "");
    respond(std::move(responder), "the last one");
    const std::string bytes = client->read_to_end();
    client.reset();
    EXPECT_EQ(statuses_of(bytes), std::vector<int>{200}) << bytes;
    EXPECT_NE(bytes.find("\r\nConnection: close\r\n"), std::string::npos) << bytes;
    const connection::Counters counters = server->join();
    EXPECT_EQ(counters.closed_by(CloseReason::drained), 2U);
    EXPECT_EQ(counters.closed_by(CloseReason::cut), 0U);
  }
}

TEST_F(Later, a_drain_cuts_requests_without_a_response_in_time) {
  Config config = test_config();
  config.timeouts.drain = 500ms;
  Gone gone;
  start(shelve_and_watch(shelf, gone), config);
  RawClient client(port());
  client.send(get("/"));
  Responder responder = shelf.take();
  server->drain();
  EXPECT_EQ(server->join().closed_by(CloseReason::cut), 1U);
  EXPECT_EQ(gone.calls, 1);
  EXPECT_TRUE(responder.client_is_gone());
  respond(std::move(responder), "for nobody");
}

TEST_F(Later, a_cut_does_not_wait_for_a_handler) {
  start();
  RawClient client(port());
  client.send(get("/later"));
  Responder responder = shelf.take();
  EXPECT_EQ(server->stop().closed_by(CloseReason::cut), 1U);
  EXPECT_TRUE(responder.client_is_gone());
}

TEST_F(Later, what_middleware_has_put_into_the_response_before_stays_there) {
  router.use({.name = "before", .reason = "", .before = [](Request&, chopin::Response& response) {
                response.field("X-Before", "1");
                return Verdict::next();
              }});
  start();
  RawClient client(port());
  client.send(get("/later"));
  respond(shelf.take(), "late");
  EXPECT_EQ(client.read_response().field("X-Before"), "1");
}

TEST_F(Later, a_responder_may_outlive_the_server_and_send_or_be_destroyed) {
  std::atomic<int> passed = 0;
  router.use(
      {.name = "counter", .reason = "", .before = {}, .after = [&passed](const Request&, chopin::Response&) {
         ++passed;
       }});
  start();
  RawClient client(port());
  RawClient other(port());
  client.send(get("/later"));
  other.send(get("/later"));
  Responder sent = shelf.take();
  Responder dropped = shelf.take();
  server.reset();
  EXPECT_EQ(passed, 0);
  // A new thread is likely to get the id of the worker's thread.
  for (int i = 0; i < 2; ++i) {
    std::thread([responder = std::move(i == 0 ? sent : dropped), i]() mutable {
      EXPECT_TRUE(responder.client_is_gone());
      EXPECT_EQ(responder.request().path(), "/later");
      if (i == 0) respond(std::move(responder), "for nobody");
    }).join();
  }
  EXPECT_EQ(passed, 0) << "the middleware has gone with the server";
}

TEST_F(Later, threads_may_respond_while_the_server_ends) {
  for (int round = 0; round < 20; ++round) {
    router = {};
    start();
    std::vector<RawClient> clients;
    for (int i = 0; i < 20; ++i) {
      clients.emplace_back(port());
      clients.back().send(get("/later"));
    }
    std::vector<Responder> responders;
    for (int i = 0; i < 20; ++i) responders.push_back(shelf.take());
    std::thread responding([&responders] {
      for (Responder& responder : responders) respond(std::move(responder), "perhaps");
    });
    server.reset();
    responding.join();
  }
}

TEST_F(Later, a_timer_that_holds_a_responder_is_destroyed_with_the_server) {
  start([](Responder responder) {
    auto timer = std::make_shared<boost::asio::steady_timer>(responder.io_context(), 1h);
    timer->async_wait([timer, responder = std::make_shared<Responder>(std::move(responder))](
                          boost::system::error_code) { responder->response().text("an hour later"); });
  });
  RawClient client(port());
  client.send(get("/"));
  pass_by_the_worker();
  EXPECT_EQ(server->stop().closed_by(CloseReason::cut), 1U);
  server.reset();
}

TEST_F(Later, operations_cancelled_by_the_end_of_a_connection_complete_before_the_worker_ends) {
  std::atomic<bool> is_cancelled = false;
  start([&](Responder responder) {
    auto timer = std::make_shared<boost::asio::steady_timer>(responder.io_context(), 1h);
    timer->async_wait([&](const boost::system::error_code& ec) {
      is_cancelled = ec == boost::asio::error::operation_aborted;
    });
    responder.on_client_gone([timer] { timer->cancel(); });
    shelf.put(std::move(responder));
  });
  RawClient client(port());
  client.send(get("/"));
  const Responder pending = shelf.take();
  server->stop();
  EXPECT_TRUE(is_cancelled);
}

// ---- What is sent. ----

TEST_F(Later, responses_are_sent_as_the_request_asks) {
  start();
  const auto later = [this](const std::string& request, bool head_only = false) {
    RawClient client(port());
    client.send(request);
    respond(shelf.take(), "text");
    const Response response = client.read_response(head_only);
    if (response.field("Connection") == "close") {
      EXPECT_EQ(client.read_to_end(), "");
    } else {
      client.send(get("/now"));
      EXPECT_EQ(client.read_response().body, "now");
    }
    return without_dates(response.head + response.body);
  };
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n"
      "Server: chopin\r\nDate: " +
      std::string(fixed_date) + "\r\n";
  EXPECT_EQ(later(get("/later")), head + "\r\ntext");
  EXPECT_EQ(later("HEAD /later HTTP/1.1\r\nHost: h\r\n\r\n", true), head + "\r\n");
  EXPECT_EQ(later("GET /later HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
            head + "Connection: close\r\n\r\ntext");
  EXPECT_EQ(later("GET /later HTTP/1.0\r\n\r\n"), head + "Connection: close\r\n\r\ntext");
  EXPECT_EQ(later("GET /later HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            head + "Connection: keep-alive\r\n\r\ntext");
}

TEST_F(Later, the_request_stays_intact_while_its_connection_and_worker_continue) {
  router.route(Method::post, "/items/{id}/{rest...}",
               [this](Responder responder) { shelf.put(std::move(responder)); });
  start();
  const std::string body(20'000, 'b');
  RawClient client(port());
  client.send("POST /items/caf%C3%A9/a/b?x=%20y HTTP/1.1\r\nHost: example\r\nX-Long: " +
              std::string(300, 'v') + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 1000) client.send(body.substr(at, 1000));
  Responder responder = shelf.take();
  client.send(get("/now") + std::string(100, '\r'));
  for (int i = 0; i < 100; ++i) {
    ask(port(), "GET /other/" + std::string(200, 'o') + " HTTP/1.1\r\nHost: other\r\nX-Long: other\r\n\r\n");
  }
  const Request& request = responder.request();
  EXPECT_EQ(request.method(), Method::post);
  EXPECT_EQ(request.target(), "/items/caf%C3%A9/a/b?x=%20y");
  EXPECT_EQ(request.path(), "/items/caf\xC3\xA9/a/b");
  EXPECT_EQ(request.param("id"), "caf\xC3\xA9");
  EXPECT_EQ(request.param("rest"), "a/b");
  EXPECT_EQ(request.query_value("x"), " y");
  EXPECT_EQ(request.field("host"), "example");
  EXPECT_EQ(request.field("X-Long"), std::string(300, 'v'));
  EXPECT_EQ(request.body(), body);
  respond(std::move(responder), "done");
  EXPECT_EQ(client.read_response().body, "done");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, middleware_sees_the_final_response_on_the_workers_thread) {
  struct Seen {
    std::atomic<std::thread::id> before;
    std::atomic<std::thread::id> after;
    std::atomic<int> status = 0;
    std::atomic<int> calls = 0;
  } seen;
  router.use({.name = "outer",
              .reason = "",
              .before =
                  [&seen](Request& request, chopin::Response&) {
                    seen.before = std::this_thread::get_id();
                    request.set_note("key", "note of " + std::string(request.path()));
                    return Verdict::next();
                  },
              .after =
                  [&seen](const Request& request, chopin::Response& response) {
                    seen.after = std::this_thread::get_id();
                    seen.status = response.status();
                    ++seen.calls;
                    response.field("X-Note", request.note("key"));
                    if (response.status() == 410) throw HttpError(503, "thrown on the way out");
                  }});
  start();
  RawClient client(port());
  client.send(get("/later"));
  Responder responder = shelf.take();
  EXPECT_EQ(seen.calls, 0);
  EXPECT_EQ(responder.request().note("key"), "note of /later");
  responder.response().status(202).text("accepted");
  responder.send();
  const Response accepted = client.read_response();
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(accepted.field("X-Note"), "note of /later");
  EXPECT_EQ(seen.status, 202);
  EXPECT_EQ(seen.calls, 1);
  EXPECT_EQ(seen.after.load(), seen.before.load());
  client.send(get("/later"));
  {
    const Responder dropped = shelf.take();
  }
  EXPECT_EQ(client.read_response().field("X-Note"), "note of /later");
  EXPECT_EQ(seen.status, 500);
  client.send(get("/later"));
  responder = shelf.take();
  responder.response().status(410);
  responder.send();
  EXPECT_EQ(client.read_response().status, 503);
  client.send(get("/later"));
  responder = shelf.take();
  client.reset();
  ASSERT_TRUE(eventually([&] { return responder.client_is_gone(); }));
  responder.send();
  EXPECT_TRUE(eventually([&] { return seen.calls == 4; })) << "for the log, though nobody waits";
}

}  // namespace
}  // namespace chopin::test
