#include "connection/connection_limit.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"
#include "system/sockets.hpp"
#include "wire/limited_connections.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(Modes, ConnectionLimit,
                         testing::Values(Runtime{Mode::standard, 1}, Runtime{Mode::standard, 2},
                                         Runtime{Mode::performance, 1}, Runtime{Mode::performance, 2}));

void end_request(RawClient& client) {
  client.send("on HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 200);
}

TEST_P(ConnectionLimit, serves_connections_up_to_the_limit_and_the_next_waits_until_one_ends) {
  LiveServer server(at_most(4));
  std::vector<std::optional<RawClient>> open(4);
  for (auto& client : open) begin_request(client.emplace(server.port()));
  std::vector<RawClient> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(server.port());
    waiting.back().send(get_json);
  }
  for (RawClient& client : waiting) EXPECT_TRUE(client.is_silent_for(20ms));
  open.clear();
  for (RawClient& client : waiting) EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(server.stop().connections, 8U);
}

TEST_P(ConnectionLimit, the_connection_that_is_idle_longest_makes_room_for_a_new_one) {
  LiveServer server(at_most(3));
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back(server.port());
  for (RawClient& client : clients) serve(client);
  RawClient newcomer(server.port());
  serve(newcomer);
  EXPECT_TRUE(eventually([&] {
    const connection::Counters counters = server.counters();
    // Of several workers, one that was asked for room may have given it with a response.
    return counters.closed_by(connection::CloseReason::evicted) >= 1;
  }));
  if (GetParam().workers == 1) {
    EXPECT_EQ(clients.front().read_to_end(), "");
    serve(clients.back());
  }
}

TEST_P(ConnectionLimit, holders_that_ask_now_and_then_lock_nobody_out) {
  LiveServer server(at_most(2));
  std::vector<std::optional<RawClient>> holders(2);
  for (int i = 0; i < 20; ++i) {
    for (auto& holder : holders) serve(holder.emplace(server.port()));
    RawClient newcomer(server.port());
    serve(newcomer);
  }
}

TEST_P(ConnectionLimit, a_connection_that_only_lingers_makes_room) {
  LiveServer server(at_most(1));
  RawClient refused(server.port());
  refused.send("BAD\x01\r\n\r\n");
  EXPECT_EQ(refused.read_response().status, 400);
  RawClient newcomer(server.port());
  serve(newcomer);
}

TEST_P(ConnectionLimit, a_silent_connection_makes_room) {
  LiveServer server(at_most(1));
  RawClient silent(server.port());
  ASSERT_TRUE(eventually([&] { return server.counters().connections == 1; }));
  RawClient newcomer(server.port());
  const auto start = std::chrono::steady_clock::now();
  serve(newcomer);
  EXPECT_LT(std::chrono::steady_clock::now() - start, Timeouts().header) << "it did not wait for its end";
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST_P(ConnectionLimit, the_next_response_of_a_busy_connection_makes_room) {
  LiveServer server(at_most(1));
  RawClient busy(server.port());
  begin_request(busy);
  RawClient newcomer(server.port());
  newcomer.send(get_json);
  EXPECT_TRUE(newcomer.is_silent_for(20ms));
  busy.send("on HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(busy.read_response().field("Connection"), "close");
  EXPECT_EQ(newcomer.read_response().status, 200);
}

TEST_P(ConnectionLimit, new_connections_get_503_if_none_can_make_room) {
  Config config = at_most(1);
  config.when_full = WhenFull::refuse;
  LiveServer server(config);
  RawClient busy(server.port());
  begin_request(busy);
  constexpr int newcomers = 40;  // more than Refusals::most_open
  std::vector<RawClient> refused;
  for (int i = 0; i < newcomers; ++i) refused.emplace_back(server.port());
  for (RawClient& client : refused) {
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.field("Retry-After"), "1");
    EXPECT_EQ(response.field("Connection"), "close");
    EXPECT_EQ(client.read_to_end(), "");
  }
  end_request(busy);
  EXPECT_TRUE(eventually([&] { return ask(server.port(), get_json).status == 200; }));
  const connection::Counters counters = server.stop();
  EXPECT_GE(counters.refused, static_cast<std::uint64_t>(newcomers));
  EXPECT_EQ(counters.connections, 2U);
}

TEST_P(ConnectionLimit, each_connection_that_ends_lets_one_that_waits_in) {
  LiveServer server(at_most(1));
  std::optional<RawClient> holder(server.port());
  begin_request(*holder);
  std::vector<RawClient> waiting;
  constexpr std::size_t count = 8;
  for (std::size_t i = 0; i < count; ++i) {
    waiting.emplace_back(server.port());
    waiting.back().send("GET /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    waiting.back().shutdown_send();
  }
  holder.reset();
  for (RawClient& client : waiting) EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 200 "));
}

TEST_P(ConnectionLimit, a_waiting_listener_learns_of_room_on_any_worker) {
  LiveServer server(at_most(1));
  const auto start = std::chrono::steady_clock::now();
  std::optional<RawClient> holder(server.port());
  begin_request(*holder);
  for (int i = 0; i < 200; ++i) {
    RawClient waiting(server.port());
    waiting.send(get_json + "GET /js");
    holder.reset();
    EXPECT_EQ(waiting.read_response().status, 200);
    holder.emplace(std::move(waiting));
  }
  // Retrying at every tick would work in the end, but not 200 times.
  EXPECT_LT(std::chrono::steady_clock::now() - start, patience);
}

TEST_P(ConnectionLimit, no_slot_is_lost_however_connections_end) {
  LiveServer server(at_most(3));
  for (int i = 0; i < 1000; ++i) {
    RawClient client(server.port());
    if (i % 4 == 0) continue;  // closes without a request
    client.send(i % 4 == 1 ? "BAD\x01\r\n\r\n" : get_json);
    if (i % 4 == 2) client.reset();
    if (i % 4 == 3) {
      EXPECT_EQ(client.read_response().status, 200);
    }
  }
  std::vector<RawClient> clients;
  while (clients.size() < 3) {
    RawClient client(server.port());
    client.send(get_json + "GET /js");
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200);
    // A worker that was asked for room meanwhile gives it with its next response.
    if (response.field("Connection") != "close") clients.push_back(std::move(client));
  }
  RawClient fourth(server.port());
  fourth.send(get_json);
  EXPECT_TRUE(fourth.is_silent_for(20ms));
  for (RawClient& client : clients) client.send("on HTTP/1.1\r\nHost: h\r\n\r\n");
  for (RawClient& client : clients) EXPECT_EQ(client.read_response().status, 200);
}

TEST_P(ConnectionLimit, many_threads_that_connect_at_once_are_all_served) {
  LiveServer server(at_most(2));
  std::atomic<int> served = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) served += ask(server.port(), get_json).status == 200 ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served, 300);
}

TEST_P(ConnectionLimit, waits_without_spinning) {
  ServerProcess server({.arguments = {"--mode", std::string(to_string(GetParam().mode)), "--port", "0",
                                      "--environment", "production", "--max-connections", "2", "--when-full",
                                      "wait", "--workers", std::to_string(GetParam().workers)}});
  std::optional<RawClient> first(server.port());
  begin_request(*first);
  RawClient second(server.port());
  begin_request(second);
  RawClient third(server.port());
  third.send(get_json);
  RawClient fourth(server.port());
  fourth.send(get_json);
  const std::uint64_t before = server.cpu_ticks();
  EXPECT_TRUE(third.is_silent_for(1500ms));
  EXPECT_LT(server.cpu_ticks() - before, 20U) << "in 1.5 s";
  EXPECT_NE(server.err().find("accepting pauses: the limit of connections is reached connections=2"),
            std::string::npos)
      << server.err();
  first.reset();
  second.reset();
  EXPECT_EQ(third.read_response().status, 200);
  EXPECT_EQ(fourth.read_response().status, 200);
}

TEST(ConnectionSlot, is_free_only_when_the_socket_is_closed) {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  std::optional<bool> was_open_still;
  connection::ConnectionLimit limit(1, [&] { was_open_still = fcntl(fd, F_GETFD) >= 0; });
  connection::Connection connection{.slot = limit.take(), .socket = system::Descriptor(fd)};
  EXPECT_TRUE(connection.slot.is_taken());
  EXPECT_FALSE(limit.take().is_taken());
  connection = {};
  EXPECT_EQ(was_open_still, false);
  EXPECT_TRUE(limit.take().is_taken());
}

}  // namespace
}  // namespace chopin::test
