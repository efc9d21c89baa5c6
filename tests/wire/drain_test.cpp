#include <chrono>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "server/signals.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

TEST(Drain, closes_idle_connections_and_ends) {
  LiveServer server;
  RawClient fresh(server.port());
  RawClient used(server.port());
  used.send(get_json);
  used.read_response();
  server.drain();
  EXPECT_EQ(fresh.read_to_end(), "");
  EXPECT_EQ(used.read_to_end(), "");
  const connection::Counters counters = server.join();
  EXPECT_EQ(counters.closed_by(CloseReason::drained), 2U);
  EXPECT_THROW(RawClient{server.port()}, std::exception);
}

TEST(Drain, responds_to_a_request_that_was_on_its_way_and_says_close) {
  for (const bool is_kept : {false, true}) {
    LiveServer server;
    RawClient client(server.port());
    RawClient neighbour(server.port());  // which shows that the first connection is accepted too
    neighbour.send(get_json);
    EXPECT_EQ(neighbour.read_response().status, 200);
    if (is_kept) {
      client.send(get_json);
      EXPECT_EQ(client.read_response().status, 200);
    }
    server.drain();
    client.send(get_json);
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Connection"), "close");
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_EQ(server.join().closed_by(CloseReason::drained), 2U);
  }
}

TEST(Drain, waits_half_a_second_for_a_next_request_and_a_second_for_a_first_one) {
  LiveServer server;
  RawClient fresh(server.port());
  RawClient kept(server.port());
  kept.send(get_json);
  EXPECT_EQ(kept.read_response().status, 200);
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [start] { return std::chrono::steady_clock::now() - start; };
  server.drain();
  EXPECT_EQ(kept.read_to_end(), "");
  EXPECT_GE(elapsed(), Timeouts::drain_next);
  EXPECT_EQ(fresh.read_to_end(), "");
  EXPECT_GE(elapsed(), Timeouts::drain_first);
  EXPECT_EQ(server.join().closed_by(CloseReason::drained), 2U);
  EXPECT_LT(elapsed(), 4s) << "the drain timeout is 10 s";
}

TEST(Drain, does_not_wait_for_requests_longer_than_the_drain_timeout) {
  Config config = test_config();
  config.timeouts.drain = 1ms;
  LiveServer server(config);
  RawClient fresh(server.port());
  RawClient kept(server.port());
  kept.send(get_json);
  EXPECT_EQ(kept.read_response().status, 200);
  server.drain();
  const connection::Counters counters = server.join();
  EXPECT_EQ(counters.closed_by(CloseReason::drained), 2U) << "nothing was in flight";
  EXPECT_EQ(counters.closed_by(CloseReason::cut), 0U);
}

TEST(Drain, without_a_connection_ends_at_once) {
  LiveServer server;
  EXPECT_EQ(ask(server.port(), get_json).status, 200);
  const auto start = std::chrono::steady_clock::now();
  server.drain();
  server.join();
  EXPECT_LT(std::chrono::steady_clock::now() - start, Timeouts::drain_next);
}

TEST(Drain, does_not_wait_for_a_client_that_has_its_last_response_to_close) {
  LiveServer server;
  RawClient client(server.port());
  client.send(get_json + "GET /plaintext HT");
  client.read_response();
  const auto start = std::chrono::steady_clock::now();
  server.drain();
  client.send("TP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_response().field("Connection"), "close");
  EXPECT_EQ(server.join().closed_by(CloseReason::drained), 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, Timeouts::drain_linger);
}

TEST(Drain, discards_input_after_the_last_response_so_that_no_reset_overtakes_it) {
  LiveServer server;
  RawClient client(server.port());
  client.send(get_json + "GET /plaintext HT");
  client.read_response();
  server.drain();
  std::string rest = "TP/1.1\r\nHost: h\r\n\r\n";
  for (int i = 0; i < 3'000; ++i) rest += get_json;  // more than one read
  client.send(rest);
  EXPECT_EQ(statuses_of(client.read_to_end()), std::vector{200});  // throws on a reset
}

TEST(Drain, waits_half_a_second_without_input_after_a_refusal) {
  LiveServer server;
  RawClient before(server.port());
  before.send("BAD\x01\r\n\r\n");
  EXPECT_EQ(before.read_response().status, 400);
  RawClient meanwhile(server.port());
  meanwhile.send(get_json + "BA");
  meanwhile.read_response();
  const auto start = std::chrono::steady_clock::now();
  server.drain();
  meanwhile.send("D\x01\r\n\r\n");
  EXPECT_EQ(meanwhile.read_response().status, 400);
  EXPECT_EQ(server.join().closed_by(CloseReason::rejected), 2U);
  EXPECT_GE(std::chrono::steady_clock::now() - start, Timeouts::drain_linger);
  EXPECT_LT(std::chrono::steady_clock::now() - start, Timeouts::linger);
}

TEST(Drain, finishes_a_request_in_flight_and_says_close) {
  LiveServer server;
  RawClient client(server.port());
  client.send("POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  client.read_exactly(25);
  RawClient idle(server.port());
  server.drain();
  EXPECT_EQ(idle.read_to_end(), "");  // which shows that the drain has begun
  client.send("ab");
  const std::string bytes = client.read_to_end();
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 405 ")) << bytes;
  EXPECT_EQ(server.join().closed_by(CloseReason::cut), 0U);
}

TEST(Drain, finishes_a_head_that_has_begun_and_says_close) {
  LiveServer server;
  RawClient client(server.port());
  client.send(get_json + "GET /plaintext HT");
  client.read_response();
  RawClient idle(server.port());
  server.drain();
  EXPECT_EQ(idle.read_to_end(), "");
  client.send("TP/1.1\r\nHost: h\r\n\r\n" + get_json);
  const std::string bytes = client.read_to_end();
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")) << bytes;
  EXPECT_NE(bytes.find("\r\nConnection: close\r\n"), std::string::npos) << bytes;
  EXPECT_EQ(statuses_of(bytes).size(), 1U) << bytes;
  EXPECT_EQ(server.join().closed_by(CloseReason::drained), 2U);
}

TEST(Drain, ends_a_connection_once_its_last_response_is_read) {
  LiveServer server(test_config(), only(FastRoute::text("/big", std::string(20'000'000, 'x'))));
  RawClient client(server.port());
  client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_exactly(1);  // the rest waits until we read
  RawClient idle(server.port());
  server.drain();
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_GT(client.read_to_end().size(), 20'000'000U);
  EXPECT_EQ(server.join().closed_by(CloseReason::drained), 2U);
}

TEST(Drain, cuts_and_counts_connections_that_do_not_end_in_time) {
  Config config = test_config();
  config.timeouts.drain = 500ms;
  LiveServer server(config);
  RawClient stuck(server.port());
  stuck.send("GET /json HT");
  RawClient served(server.port());
  served.send(get_json);
  served.read_response();
  server.drain();
  EXPECT_EQ(server.join().closed_by(CloseReason::cut), 1U);
}

TEST(Drain, a_cut_does_not_wait) {
  LiveServer server;
  RawClient stuck(server.port());
  stuck.send(get_json + "GET /json HT");
  stuck.read_response();
  server.drain();
  server.cut();
  EXPECT_EQ(server.join().closed_by(CloseReason::cut), 1U);
}

TEST(Drain, can_begin_as_soon_as_the_server_reports_that_it_is_ready) {
  server::Launcher launcher(test_config(), app::benchmark_server(test_config()));
  RawClient client(launcher.endpoint().port());
  server::StopRequest nobody_asks;
  EXPECT_EQ(server::serve_until_signalled(launcher, nobody_asks, [] { ASSERT_EQ(std::raise(SIGTERM), 0); }),
            server::StopState::ended);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(launcher.join().closed_by(CloseReason::drained), 1U);
}

TEST(Drain, works_for_a_server_that_never_ran) {
  server::Launcher launcher(test_config(), app::benchmark_server(test_config()));
  EXPECT_NE(launcher.endpoint().port(), 0);
}

TEST(Drain, ends_all_workers) {
  Config config = test_config();
  config.workers = 4;
  LiveServer server(config);
  std::vector<RawClient> clients;
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(get_json);
    EXPECT_EQ(clients.back().read_response().status, 200);
  }
  server.drain();
  for (RawClient& client : clients) EXPECT_EQ(client.read_to_end(), "");
  const connection::Counters counters = server.join();
  EXPECT_EQ(counters.requests, 40U);
  EXPECT_EQ(counters.closed_by(CloseReason::drained), 40U);
}

}  // namespace
}  // namespace chopin::test
