#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/responder.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "harness/shelf.hpp"

namespace chopin::test {

inline void respond(Responder responder, std::string_view text) {
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

struct Gone {
  std::atomic<int> calls = 0;
  std::atomic<std::thread::id> thread;
};

inline LaterHandler shelve_and_watch(Shelf& shelf, Gone& gone) {
  return [&shelf, &gone](Responder responder) {
    responder.on_client_gone([&gone] {
      gone.thread = std::this_thread::get_id();
      ++gone.calls;
    });
    shelf.put(std::move(responder));
  };
}

}  // namespace chopin::test
