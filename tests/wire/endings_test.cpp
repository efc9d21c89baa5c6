#include <chrono>
#include <csignal>
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

TEST(Endings, a_client_that_half_closes_still_gets_its_responses) {
  LiveServer server;
  RawClient client(server.port());
  client.send(get_json + get_json);
  client.shutdown_send();
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop().closed_by(CloseReason::peer_closed), 1U);
}

TEST(Endings, a_request_that_ends_early_gets_400) {
  LiveServer server;
  for (const char* start :
       {"GET /js", "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel",
        "POST /json HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"}) {
    RawClient client(server.port());
    client.send(get_json + start);
    client.shutdown_send();
    EXPECT_EQ(client.read_response().status, 200);
    EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 400 ")) << start;
  }
  EXPECT_EQ(server.stop().closed_by(CloseReason::rejected), 3U);
}

TEST(Endings, a_client_that_half_closes_gets_a_response_larger_than_every_buffer) {
  LiveServer server(test_config(), only(FastRoute::text("/big", std::string(20'000'000, 'x'))));
  RawClient client(server.port());
  client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_exactly(1);
  client.shutdown_send();
  EXPECT_GT(client.read_to_end().size(), 20'000'000U);
  EXPECT_EQ(server.stop().closed_by(CloseReason::peer_closed), 1U);
}

TEST(Endings, a_half_closed_connection_without_a_request_ends_at_once) {
  LiveServer server;
  RawClient client(server.port());
  client.send(get_json);
  EXPECT_EQ(client.read_response().status, 200);
  client.shutdown_send();
  EXPECT_EQ(client.read_to_end(), "");
  RawClient silent(server.port());
  silent.shutdown_send();
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(server.stop().closed_by(CloseReason::peer_closed), 2U);
}

TEST(Endings, a_reset_at_any_point_frees_the_connection_at_once) {
  Config config = test_config();
  config.max_connections = 1;
  LiveServer server(config);
  const std::string post = "POST /echo HTTP/1.1\r\nHost: h\r\n";
  for (const std::string& bytes :
       {std::string(), std::string("GET /js"), post + "Content-Length: 9\r\n\r\nab",
        post + "Transfer-Encoding: chunked\r\n\r\n5;x", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nA",
        post + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n", get_json, get_json + get_json + "G",
        std::string("BAD\x01\r\n\r\n"), std::string("GET /json HTTP/1.0\r\n\r\n")}) {
    RawClient client(server.port());
    client.send(bytes);
    client.reset();
    EXPECT_EQ(ask(server.port(), get_json).status, 200) << bytes;
  }
}

TEST(Endings, every_connection_is_counted_under_one_reason) {
  LiveServer server;
  {
    RawClient silent(server.port());
    RawClient asked(server.port());
    asked.send(get_json);
    asked.read_response();
    RawClient closing(server.port());
    closing.send("GET /json HTTP/1.0\r\n\r\n");
    closing.read_to_end();
    RawClient bad(server.port());
    bad.send("x\x01\r\n");
    bad.read_to_end();
    RawClient reset(server.port());
    reset.send(get_json);
    reset.read_response();
    reset.reset();
  }
  EXPECT_EQ(ask(server.port(), get_json).status, 200);
  const connection::Counters counters = server.stop();
  EXPECT_EQ(counters.connections, 6U);
  std::uint64_t closed = 0;
  for (const std::uint64_t count : counters.closed) closed += count;
  EXPECT_EQ(closed, counters.connections);
  EXPECT_EQ(counters.closed_by(CloseReason::client_asked), 1U);
  EXPECT_EQ(counters.closed_by(CloseReason::rejected), 1U);
  EXPECT_EQ(counters.requests, 4U);
}

TEST(Endings, a_reset_in_the_middle_of_a_response_does_not_harm_other_clients) {
  LiveServer server(test_config(), only(FastRoute::text("/big", std::string(3'000'000, 'x'))));
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port());
    client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_exactly(10);
    client.reset();
  }
  EXPECT_EQ(ask(server.port(), "GET /big HTTP/1.1\r\nHost: h\r\n\r\n").body.size(), 3'000'000U);
}

TEST(Endings, a_close_with_input_still_unread_does_not_reset) {
  LiveServer server;
  RawClient neighbour(server.port());
  // A long head has its own 8 KiB buffer, so the read that completes this head takes exactly its rest.
  std::string last =
      "GET /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\nA: " + std::string(4000, 'a') + "\r\nB: ";
  last += std::string(8192 - last.size() - 4, 'b') + "\r\n\r\n";
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port());
    client.send(last.substr(0, 5000));
    neighbour.send(get_json);
    EXPECT_EQ(neighbour.read_response().status, 200);
    client.send(last.substr(5000) + get_json + get_json);
    EXPECT_EQ(statuses_of(client.read_to_end()), std::vector<int>{200});  // throws on a reset
  }
}

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
