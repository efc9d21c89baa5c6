#include <chrono>
#include <cstddef>
#include <latch>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "chopin/executor.hpp"
#include "chopin/router.hpp"
#include "chopin/worker_service.hpp"
#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/limited_connections.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

TEST_P(ConnectionLimit, a_drain_at_the_limit_ends) {
  LiveServer server(at_most(2));
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) begin_request(clients.emplace_back(server.port()));
  for (int i = 0; i < 3; ++i) clients.emplace_back(server.port());
  for (std::size_t i = 0; i < 2; ++i) clients[i].send("on HTTP/1.1\r\nHost: h\r\n\r\n");
  server.drain();
  EXPECT_EQ(server.join().closed_by(connection::CloseReason::cut), 0U);
}

TEST_P(ConnectionLimit, clients_that_wait_when_a_drain_begins_are_served_as_others_end) {
  LiveServer server(at_most(1));
  RawClient holder(server.port());
  begin_request(holder);
  std::vector<RawClient> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back(server.port());
    waiting.back().send(get_json);
  }
  for (RawClient& client : waiting) EXPECT_TRUE(client.is_silent_for(20ms));
  server.drain();
  holder.send("on HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(statuses_of(holder.read_to_end()), std::vector{200});
  for (RawClient& client : waiting) EXPECT_EQ(statuses_of(client.read_to_end()), std::vector{200});
  const connection::Counters counters = server.join();
  EXPECT_EQ(counters.connections, 4U);
  EXPECT_EQ(counters.closed_by(connection::CloseReason::cut), 0U);
}

/// Made for each worker.
struct Nothing {};

TEST_P(ConnectionLimit, clients_that_wait_are_served_if_their_worker_is_late_to_hear_of_the_drain) {
  std::mutex mutex;
  std::vector<Executor> workers;
  Router router;
  router.per_worker<Nothing>([&](const WorkerScope& scope) {
    const std::lock_guard lock(mutex);
    workers.push_back(scope.executor);
    return Nothing();
  });
  router.get("/json", [](const chopin::Request&, chopin::Response& response) { response.text("here"); });
  LiveServer server(at_most(1), std::move(router));
  RawClient holder(server.port());
  begin_request(holder);
  std::latch all_are_busy(static_cast<std::ptrdiff_t>(workers.size()));
  std::latch may_go_on(1);
  for (const Executor& worker : workers) {
    boost::asio::post(worker, [&] {
      all_are_busy.count_down();
      may_go_on.wait();
    });
  }
  all_are_busy.wait();
  RawClient waiting(server.port());
  waiting.send(get_json);
  EXPECT_TRUE(waiting.is_silent_for(20ms));
  server.drain();
  if (GetParam().mode == Mode::standard) {
    EXPECT_TRUE(eventually([&] { return !accepts(server.port()); }));
  }
  may_go_on.count_down();
  holder.send("on HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(statuses_of(holder.read_to_end()), std::vector{200});
  EXPECT_EQ(statuses_of(waiting.read_to_end()), std::vector{200});
  server.join();
}

TEST_P(ConnectionLimit, clients_that_wait_do_not_prolong_a_drain_beyond_its_timeout) {
  Config config = at_most(1);
  config.timeouts.drain = 1ms;
  LiveServer server(config);
  RawClient stuck(server.port());
  stuck.send(get_json + "GET /js");
  EXPECT_EQ(stuck.read_response().status, 200);
  RawClient waiting(server.port());
  waiting.send(get_json);
  const auto start = std::chrono::steady_clock::now();
  server.drain();
  EXPECT_GE(server.join().closed_by(connection::CloseReason::cut), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s) << "far less than the header timeout";
}

}  // namespace
}  // namespace chopin::test
