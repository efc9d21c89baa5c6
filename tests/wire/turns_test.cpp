#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using HttpRequest = chopin::Request;
using HttpResponse = chopin::Response;

/// More than a round has for what takes long.
void keep_the_cpu() {
  constexpr auto longer_than_a_round = 5ms;
  const auto end = std::chrono::steady_clock::now() + longer_than_a_round;
  while (std::chrono::steady_clock::now() < end) {
  }
}

/// A worker with a costly route, one of whose requests lets a cheap one arrive on another connection.
struct Turns {
  static constexpr std::size_t clients = 4;
  static constexpr std::size_t requests_each = 80;
  static constexpr std::size_t known = 160;  // so many costly requests later it is known who sends them

  Turns() {
    Router router;
    router.get("/costly", [this](const HttpRequest&, HttpResponse& response) {
      if (++costly == known) bystander->send(get("/cheap"));
      keep_the_cpu();
      response.text("costly");
    });
    router.get("/cheap", [this](const HttpRequest&, HttpResponse& response) {
      costly_before_cheap = costly.load();
      response.text("cheap");
    });
    server = std::make_unique<LiveServer>(test_config(), std::move(router));
    bystander = std::make_unique<RawClient>(server->port());
    bystander->send(get("/cheap"));
    bystander->read_response();
  }

  std::atomic<std::size_t> costly = 0;
  std::atomic<std::size_t> costly_before_cheap = 0;
  std::unique_ptr<LiveServer> server;
  std::unique_ptr<RawClient> bystander;
};

TEST(Turns, serve_a_cheap_connection_between_the_requests_of_costly_ones) {
  Turns turns;
  std::vector<RawClient> attackers;
  std::string requests;
  for (std::size_t i = 0; i < Turns::requests_each; ++i) requests += get("/costly");
  for (std::size_t i = 0; i < Turns::clients; ++i)
    attackers.emplace_back(turns.server->port()).send(requests);
  EXPECT_EQ(turns.bystander->read_response().status, 200);
  EXPECT_LE(turns.costly_before_cheap, Turns::known + 2) << "the end of a round serves one";
  for (RawClient& attacker : attackers) {
    for (std::size_t i = 0; i < Turns::requests_each; ++i) EXPECT_EQ(attacker.read_response().body, "costly");
  }
  EXPECT_EQ(turns.costly, Turns::clients * Turns::requests_each);
}

TEST(Turns, keep_the_order_of_responses_on_a_costly_connection) {
  const Turns turns;
  RawClient client(turns.server->port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/cheap") + get("/costly") + get("/cheap") + get("/nothing") + get("/costly"));
    EXPECT_EQ(client.read_response().body, "cheap");
    EXPECT_EQ(client.read_response().body, "costly");
    EXPECT_EQ(client.read_response().body, "cheap");
    EXPECT_EQ(client.read_response().status, 404);
    EXPECT_EQ(client.read_response().body, "costly");
  }
}

}  // namespace
}  // namespace chopin::test
