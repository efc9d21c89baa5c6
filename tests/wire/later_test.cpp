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

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

void answer(Responder responder, std::string_view text) {
  responder.response().text(text);
  responder.send();
}

/// A server whose GET /later answers when the test says so, and GET /now at once.
class Later : public testing::Test {
 protected:
  void start(const Config& config = test_config()) {
    router.later(Method::get, "/later", [this](Responder responder) { shelf.put(std::move(responder)); });
    router.get("/now", [](const Request&, chopin::Response& response) { response.text("now"); });
    server.emplace(config, std::move(router));
  }
  void start(LaterHandler handler, const Config& config = test_config()) {
    router.later(Method::get, "/", std::move(handler));
    start(config);
  }
  [[nodiscard]] std::uint16_t port() const { return server->port(); }

  /// Once this is answered, the worker has handled whatever reached it before.
  void pass_by_the_worker() const { EXPECT_EQ(ask(port(), get("/now")).status, 200); }

  Router router;
  Shelf shelf;
  std::optional<LiveServer> server;
};

// ---- From where an answer may come. ----

TEST_F(Later, a_timer_of_the_workers_context_may_answer) {
  start([](Responder responder) {
    auto timer = std::make_shared<boost::asio::steady_timer>(responder.io_context(), 5ms);
    timer->async_wait([timer, responder = std::make_shared<Responder>(std::move(responder))](
                          boost::system::error_code) { answer(std::move(*responder), "in time"); });
  });
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/") + get("/now"));
    EXPECT_EQ(client.read_response().body, "in time");
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, another_thread_may_answer) {
  start();
  RawClient client(port());
  for (int i = 0; i < 100; ++i) {
    client.send(get("/later"));
    answer(shelf.take(), "from outside");
    EXPECT_EQ(client.read_response().body, "from outside");
  }
}

TEST_F(Later, a_thread_may_answer_while_the_handler_still_runs) {
  start([](Responder responder) {
    std::thread([responder = std::move(responder)]() mutable {
      answer(std::move(responder), "overtaken");
    }).join();
  });
  RawClient client(port());
  client.send(get("/") + get("/now") + get("/"));
  EXPECT_EQ(client.read_response().body, "overtaken");
  EXPECT_EQ(client.read_response().body, "now");
  EXPECT_EQ(client.read_response().body, "overtaken");
}

TEST_F(Later, the_handler_itself_may_answer_at_once) {
  start([](Responder responder) { answer(std::move(responder), "at once"); });
  RawClient client(port());
  std::string burst;
  for (int i = 0; i < 50; ++i) burst += get("/") + get("/now");
  client.send(burst);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.read_response().body, "at once");
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, the_handler_of_another_connection_may_answer) {
  router.post("/publish", [this](const Request& request, chopin::Response& response) {
    while (shelf.size() > 0) answer(shelf.take(), request.body());
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
  answer(std::move(responder), "slept");
}

TEST_F(Later, a_coroutine_on_the_workers_executor_may_answer) {
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

TEST_F(Later, a_coroutine_that_sleeps_goes_with_the_server) {
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
  boost::asio::post(responder->executor(), [responder] { answer(std::move(*responder), "posted"); });
  EXPECT_EQ(client.read_response().body, "posted");
}

TEST_F(Later, a_timer_of_the_context_that_another_request_starts_is_noticed) {
  std::shared_ptr<boost::asio::steady_timer> timer;
  router.later(Method::get, "/lend", [&timer](Responder responder) {
    timer = std::make_shared<boost::asio::steady_timer>(responder.io_context());
    answer(std::move(responder), "lent");
  });
  router.get("/start", [&timer](const Request&, chopin::Response&) {
    timer->expires_after(1h);
    timer->async_wait([](boost::system::error_code) {});
  });
  router.get("/restart", [this, &timer](const Request&, chopin::Response&) {
    timer->expires_after(1ms);  // which cancels the wait before
    timer->async_wait([this](boost::system::error_code ec) {
      if (!ec) answer(shelf.take(), "rang");
    });
  });
  start();
  RawClient client(port());
  client.send(get("/lend") + get("/start") + get("/restart") + get("/later"));
  EXPECT_EQ(client.read_response().body, "lent");
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_response().body, "rang");
  server.reset();
}

// ---- Handlers that give none, or throw. ----

TEST_F(Later, a_responder_dropped_anywhere_answers_500_and_the_connection_lives) {
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
    responder.response().status(201).field("X-Secret", "half").text("half an answer");
  });
  const Response response = ask(port(), get("/"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.field("X-Secret"), "");
  EXPECT_EQ(response.body.find("half"), std::string::npos);
}

TEST_F(Later, a_handler_that_throws_with_its_responder_answers_what_it_threw) {
  router.later(Method::get, "/error", [](Responder) { throw HttpError(409, "taken"); });
  router.later(Method::get, "/standard", [](Responder) { throw std::runtime_error("inner matter"); });
  router.later(Method::get, "/int", [](Responder) { throw 7; });
  router.later(Method::get, "/moved", [](Responder responder) {
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

TEST_F(Later, a_handler_that_throws_after_its_responder_has_gone_elsewhere_leaves_the_response_to_it) {
  start([this](Responder responder) {
    shelf.put(std::move(responder));
    throw std::runtime_error("too late");
  });
  RawClient client(port());
  client.send(get("/"));
  answer(shelf.take(), "the real one");
  EXPECT_EQ(client.read_response().body, "the real one");
  client.send(get("/now"));
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, a_handler_that_throws_after_it_has_answered_has_answered) {
  start([](Responder responder) {
    answer(std::move(responder), "sent");
    throw 7;
  });
  RawClient client(port());
  client.send(get("/") + get("/now"));
  EXPECT_EQ(client.read_response().body, "sent");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, what_a_handler_leaves_to_the_context_may_throw) {
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

TEST_F(Later, what_starts_itself_again_and_again_in_the_context_keeps_nobody_waiting) {
  struct Endless {
    boost::asio::io_context& context;
    void operator()() const { boost::asio::post(context, *this); }
  };
  start([](Responder responder) {
    boost::asio::post(responder.io_context(), Endless{responder.io_context()});
    answer(std::move(responder), "started");
  });
  EXPECT_EQ(ask(port(), get("/")).body, "started");
  EXPECT_EQ(ask(port(), get("/now")).body, "now");
}

// ---- Clients that go. ----

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

TEST_F(Later, a_client_that_resets_is_told_of_once_and_the_answer_is_dropped) {
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
    answer(std::move(responder), "for nobody");
    pass_by_the_worker();
  }
  EXPECT_EQ(ask(port(), get("/thread")).status, 200);
  EXPECT_EQ(gone.thread.load(), worker.load());
  const connection::Counters counters = server->stop();
  EXPECT_EQ(gone.calls, 20);
  EXPECT_EQ(counters.closed_by(CloseReason::peer_reset), 20U);
}

TEST_F(Later, a_client_that_resets_makes_room_for_others_before_it_is_answered) {
  Config config = test_config();
  config.max_connections = 1;
  start(config);
  RawClient client(port());
  client.send(get("/later"));
  Responder responder = shelf.take();
  client.reset();
  pass_by_the_worker();
  answer(std::move(responder), "for nobody");
}

TEST_F(Later, a_client_that_has_sent_everything_is_told_of_and_still_gets_its_answer) {
  Gone gone;
  start(shelve_and_watch(shelf, gone));
  RawClient client(port());
  client.send(get("/") + get("/"));
  Responder first = shelf.take();
  client.shutdown_send();
  ASSERT_TRUE(eventually([&] { return gone.calls == 1; }));
  EXPECT_TRUE(first.client_is_gone());
  answer(std::move(first), "first");
  Responder second = shelf.take();
  ASSERT_TRUE(eventually([&] { return gone.calls == 2; })) << "known before the handler ran";
  EXPECT_TRUE(second.client_is_gone());
  answer(std::move(second), "second");
  EXPECT_EQ(client.read_response().body, "first");
  EXPECT_EQ(client.read_response().body, "second");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server->stop().closed_by(CloseReason::peer_closed), 1U);
}

TEST_F(Later, a_client_that_is_answered_first_is_never_called_gone) {
  Gone gone;
  start(shelve_and_watch(shelf, gone));
  {
    RawClient client(port());
    client.send(get("/"));
    answer(shelf.take(), "in time");
    EXPECT_EQ(client.read_response().body, "in time");
  }
  server->stop();
  EXPECT_EQ(gone.calls, 0);
}

TEST_F(Later, what_hears_that_the_client_is_gone_may_throw_anything) {
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
    answer(std::move(responder), "still here");
    EXPECT_EQ(client.read_response().body, "still here");
  }
}

TEST_F(Later, what_hears_that_the_client_is_gone_may_answer_or_drop_the_request) {
  start([](Responder responder) {
    auto shared = std::make_shared<std::optional<Responder>>();
    responder.on_client_gone([shared] {
      if ((*shared)->request().query() == "drop") return shared->reset();
      answer(*std::exchange(*shared, std::nullopt), "goodbye");
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
  server->stop();  // the connection is cut, and its handler told so
}

// ---- Order and amounts. ----

TEST_F(Later, requests_behind_a_pending_one_wait_and_are_answered_in_order) {
  start();
  RawClient client(port());
  client.send(get("/now") + get("/later") + get("/now") + get("/later") + get("/nowhere"));
  EXPECT_EQ(client.read_response().body, "now");
  Responder first = shelf.take();
  pass_by_the_worker();
  EXPECT_EQ(shelf.size(), 0U) << "the second is not handled before the first is answered";
  client.send(get("/now"));
  answer(std::move(first), "first");
  EXPECT_EQ(client.read_response().body, "first");
  EXPECT_EQ(client.read_response().body, "now");
  answer(shelf.take(), "second");
  EXPECT_EQ(client.read_response().body, "second");
  EXPECT_EQ(client.read_response().status, 404);
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, a_request_that_comes_in_pieces_while_another_is_pending_is_answered) {
  start();
  RawClient client(port());
  client.send(get("/later") + "GET /no");
  Responder pending = shelf.take();
  client.send("w HTTP/1.1\r\nHo");
  pass_by_the_worker();
  answer(std::move(pending), "first");
  EXPECT_EQ(client.read_response().body, "first");
  client.send("st: h\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, more_input_than_a_buffer_behind_a_pending_request_is_all_answered) {
  start();
  RawClient client(port());
  std::string burst = get("/later");
  constexpr int behind = 2000;
  for (int i = 0; i < behind; ++i) burst += get("/now");
  client.send(burst);
  answer(shelf.take(), "first");
  EXPECT_EQ(client.read_response().body, "first");
  for (int i = 0; i < behind; ++i) ASSERT_EQ(client.read_response().body, "now") << i;
}

TEST_F(Later, hundreds_may_be_pending_and_are_answered_in_any_order) {
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
    answer(std::move(responder), number);
  }
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(clients[i].read_response().body, std::to_string(i));
}

TEST_F(Later, big_answers_arrive_in_order_whatever_blocks_the_connection) {
  start();
  const std::string big(4'000'000, 'x');
  RawClient client(port());
  client.send(get("/later") + get("/later") + get("/now") + get("/later"));
  answer(shelf.take(), big);
  // The second is handled when the first, which the client does not read, has been handed to the kernel.
  RawClient reader(port());
  reader.send(get("/later"));
  answer(shelf.take(), big);
  EXPECT_EQ(reader.read_response().body.size(), big.size());
  EXPECT_EQ(client.read_response().body.size(), big.size());
  answer(shelf.take(), big + "y");
  EXPECT_EQ(client.read_response().body.size(), big.size() + 1);
  EXPECT_EQ(client.read_response().body, "now");
  answer(shelf.take(), "last");
  EXPECT_EQ(client.read_response().body, "last");
}

TEST_F(Later, an_answer_may_come_while_the_one_before_it_blocks_the_connection) {
  const std::string half_a_write(Limits::max_pending_output / 2, 'x');
  router.get("/half", [&](const Request&, chopin::Response& response) { response.text(half_a_write); });
  start();
  constexpr int pairs = 400;
  std::string burst;
  for (int i = 0; i < pairs; ++i) burst += get("/half") + get("/later");
  for (const bool resets : {false, true}) {
    RawClient client(port());
    client.send(burst);
    int answered = 0;
    const auto answer_one = [&] {
      answer(shelf.take(), std::to_string(answered++));
      pass_by_the_worker();
      pass_by_the_worker();
    };
    do {
      answer_one();
    } while (shelf.size() > 0);  // once the kernel takes no more, no other request is handled
    EXPECT_LT(answered, pairs);
    if (resets) {
      client.reset();
      pass_by_the_worker();
      continue;
    }
    for (int i = 0; i < pairs; ++i) {
      ASSERT_EQ(client.read_response().body.size(), half_a_write.size()) << i;
      if (i == answered) answer_one();
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
  answer(std::move(responder), "at last");
  EXPECT_EQ(client.read_response().body, "at last");
  EXPECT_EQ(client.read_to_end(), "") << "and is idle from then on";
  EXPECT_EQ(server->stop().closed_by(CloseReason::idle_timeout), 1U);
}

// ---- The end of the server. ----

TEST_F(Later, a_drain_waits_for_the_answer_which_says_close) {
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
    answer(std::move(responder), "the last one");
    const std::string bytes = client->read_to_end();
    client.reset();
    EXPECT_EQ(statuses_of(bytes), std::vector<int>{200}) << bytes;
    EXPECT_NE(bytes.find("\r\nConnection: close\r\n"), std::string::npos) << bytes;
    const connection::Counters counters = server->join();
    EXPECT_EQ(counters.closed_by(CloseReason::drained), 2U);
    EXPECT_EQ(counters.closed_by(CloseReason::cut), 0U);
  }
}

TEST_F(Later, a_drain_cuts_what_is_not_answered_in_time) {
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
  answer(std::move(responder), "for nobody");
}

TEST_F(Later, a_cut_does_not_wait_for_a_handler) {
  start();
  RawClient client(port());
  client.send(get("/later"));
  Responder responder = shelf.take();
  EXPECT_EQ(server->stop().closed_by(CloseReason::cut), 1U);
  EXPECT_TRUE(responder.client_is_gone());
}

TEST_F(Later, what_the_middleware_has_put_into_the_response_before_stays_there) {
  router.use({.name = "before", .reason = "", .before = [](Request&, chopin::Response& response) {
                response.field("X-Before", "1");
                return Verdict::next();
              }});
  start();
  RawClient client(port());
  client.send(get("/later"));
  answer(shelf.take(), "late");
  EXPECT_EQ(client.read_response().field("X-Before"), "1");
}

TEST_F(Later, a_responder_may_outlive_the_server_and_send_or_go) {
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
  // A new thread is likely to be given the id that the worker's thread had.
  for (int i = 0; i < 2; ++i) {
    std::thread([responder = std::move(i == 0 ? sent : dropped), i]() mutable {
      EXPECT_TRUE(responder.client_is_gone());
      EXPECT_EQ(responder.request().path(), "/later");
      if (i == 0) answer(std::move(responder), "for nobody");
    }).join();
  }
  EXPECT_EQ(passed, 0) << "the middleware has gone with the server";
}

TEST_F(Later, threads_may_answer_while_the_server_ends) {
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
    std::thread answering([&responders] {
      for (Responder& responder : responders) answer(std::move(responder), "perhaps");
    });
    server.reset();
    answering.join();
  }
}

TEST_F(Later, a_timer_that_holds_a_responder_goes_with_the_server) {
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

TEST_F(Later, what_the_end_of_a_connection_cancels_is_called_before_the_worker_goes) {
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
  const Responder unanswered = shelf.take();
  server->stop();
  EXPECT_TRUE(is_cancelled);
}

// ---- What goes out. ----

TEST_F(Later, answers_go_out_as_the_request_asks) {
  start();
  const auto later = [this](const std::string& request, bool head_only = false) {
    RawClient client(port());
    client.send(request);
    answer(shelf.take(), "text");
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

TEST_F(Later, the_request_stays_whole_while_its_connection_and_worker_go_on) {
  router.later(Method::post, "/items/{id}/{rest...}",
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
  answer(std::move(responder), "done");
  EXPECT_EQ(client.read_response().body, "done");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, layers_see_the_answer_on_its_way_out_on_the_workers_thread) {
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
