#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/later.hpp"

namespace chopin::test {
namespace {

using connection::CloseReason;

// ---- Clients that disconnect. ----

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

}  // namespace
}  // namespace chopin::test
