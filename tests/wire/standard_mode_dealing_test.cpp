#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/modes.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

TEST(StandardMode, deals_connections_to_the_workers_in_turn) {
  Router router;
  router.get("/thread", [](const Request&, chopin::Response& response) {
    std::ostringstream id;
    id << std::this_thread::get_id();
    response.text(id.str());
  });
  LiveServer server(standard(3), std::move(router));
  std::vector<RawClient> clients;
  std::vector<std::string> threads;
  std::map<std::string, int> connections;
  for (int i = 0; i < 9; ++i) {
    clients.emplace_back(server.port());
    clients.back().send("GET /thread HTTP/1.1\r\nHost: h\r\n\r\n");
    threads.push_back(clients.back().read_response().body);
    ++connections[threads.back()];
  }
  EXPECT_EQ(connections.size(), 3U);
  for (const auto& [thread, count] : connections) EXPECT_EQ(count, 3) << thread;
  for (std::size_t i = 3; i < 9; ++i) EXPECT_EQ(threads[i], threads[i - 3]);
  for (std::size_t i = 0; i < 9; ++i) {
    clients[i].send("GET /thread HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(clients[i].read_response().body, threads[i]) << "a connection stays with its worker";
  }
}

/// A server with one worker, which GET /block keeps busy until it is released.
struct Blocking {
  std::atomic<bool> entered = false;
  std::atomic<bool> released = false;
  std::atomic<bool> left = false;

  Router router() {
    Router router;
    router.get("/block", [this](const Request&, chopin::Response&) {
      entered = true;
      eventually([this] { return released.load(); });
      left = true;
    });
    router.get("/", [](const Request&, chopin::Response& response) { response.text("served"); });
    return router;
  }
};

TEST(StandardMode, a_handler_that_blocks_delays_no_connection_while_other_workers_are_free) {
  Blocking block;
  LiveServer server(standard(3), block.router());
  RawClient blocking(server.port());
  blocking.send("GET /block HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return block.entered.load(); }));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(ask(server.port(), closing("GET / HTTP/1.1")).body, "served");
  std::vector<RawClient> at_once;
  for (int i = 0; i < 12; ++i) {
    at_once.emplace_back(server.port());
    at_once.back().send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  for (RawClient& client : at_once) EXPECT_EQ(client.read_response().body, "served");
  EXPECT_FALSE(block.left) << "the others had to wait for the handler";
  block.released = true;
  EXPECT_EQ(blocking.read_response().status, 200);
}

TEST(StandardMode, connections_wait_while_handlers_block_all_workers_and_are_then_served) {
  Blocking block;
  LiveServer server(standard(1), block.router());
  RawClient blocking(server.port());
  blocking.send("GET /block HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return block.entered.load(); }));
  RawClient waiting(server.port());
  waiting.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(waiting.is_silent_for(100ms));
  block.released = true;
  EXPECT_EQ(waiting.read_response().body, "served");
}

TEST(StandardMode, deals_connections_to_the_worker_with_the_fewest) {
  Router router;
  router.get("/thread", [](const Request&, chopin::Response& response) {
    std::ostringstream id;
    id << std::this_thread::get_id();
    response.text(id.str());
  });
  LiveServer server(standard(2), std::move(router));
  const auto connect = [&](std::list<RawClient>& clients) {
    clients.emplace_back(server.port());
    clients.back().send("GET /thread HTTP/1.1\r\nHost: h\r\n\r\n");
    return clients.back().read_response().body;
  };
  std::map<std::string, std::list<RawClient>> by_thread;
  for (int i = 0; i < 6; ++i) {
    std::list<RawClient> client;
    const std::string thread = connect(client);
    by_thread[thread].splice(by_thread[thread].end(), client);
  }
  ASSERT_EQ(by_thread.size(), 2U);
  const std::string emptied = by_thread.begin()->first;
  ASSERT_EQ(by_thread[emptied].size(), 3U);
  by_thread.erase(emptied);
  ASSERT_TRUE(eventually([&] { return server.counters().closed_by(CloseReason::peer_closed) == 3; }));
  std::list<RawClient> clients;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(connect(clients), emptied);
}

TEST(StandardMode, connections_queued_in_the_kernel_when_a_drain_begins_are_served) {
  for (const std::uint32_t workers : {1U, 3U}) {
    Blocking block;
    LiveServer server(standard(workers), block.router());
    RawClient blocking(server.port());
    blocking.send("GET /block HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return block.entered.load(); }));
    std::vector<RawClient> queued;
    for (int i = 0; i < 12; ++i) {
      queued.emplace_back(server.port());
      queued.back().send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    std::vector<RawClient> silent;
    for (int i = 0; i < 12; ++i) silent.emplace_back(server.port());
    server.drain();
    block.released = true;
    EXPECT_EQ(blocking.read_response().status, 200);
    for (RawClient& client : queued) {
      EXPECT_EQ(client.read_response().body, "served");
      client.shutdown_send();
      EXPECT_EQ(client.read_to_end(), "");
    }
    for (RawClient& client : silent) EXPECT_EQ(client.read_to_end(), "");
    const connection::Counters counters = server.join();
    EXPECT_EQ(counters.connections, 25U);
    EXPECT_EQ(counters.closed_by(CloseReason::cut), 0U);
  }
}

TEST(StandardMode, a_drain_does_not_end_with_the_first_idle_connection_that_was_queued) {
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    Blocking block;
    Config config = standard(1);
    config.mode = mode;
    LiveServer server(config, block.router());
    RawClient blocking(server.port());
    blocking.send("GET /block HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return block.entered.load(); }));
    RawClient silent(server.port());  // when it ends no connection is open, and the next is not yet served
    RawClient queued(server.port());
    queued.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    server.drain();
    block.released = true;
    EXPECT_EQ(blocking.read_response().status, 200);
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(queued.read_response().body, "served");
    EXPECT_EQ(server.join().connections, 3U);
  }
}

}  // namespace
}  // namespace chopin::test
