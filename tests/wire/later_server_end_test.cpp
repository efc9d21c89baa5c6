#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/later.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

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

}  // namespace
}  // namespace chopin::test
