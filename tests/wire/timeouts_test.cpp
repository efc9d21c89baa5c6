#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/router.hpp"
#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/sized_requests.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;
using Clock = std::chrono::steady_clock;

/// Short timeouts; a tick is 500 ms, so each is that accurate.
Config impatient() {
  Config config = test_config();
  config.timeouts = {.header = 500ms, .body = 500ms, .idle = 500ms, .write = 500ms, .drain = 500ms};
  return config;
}

/// Reads to the end and returns how long that took.
struct Ending {
  std::string bytes;
  Clock::duration time;
};
Ending end_of(RawClient& client) {
  const auto start = Clock::now();
  std::string bytes = client.read_to_end();
  return {std::move(bytes), Clock::now() - start};
}

TEST(Timeouts, a_connection_that_never_sends_anything_is_closed_without_a_response) {
  LiveServer server(impatient());
  RawClient client(server.port());
  const Ending ending = end_of(client);
  EXPECT_EQ(ending.bytes, "");
  EXPECT_GE(ending.time, 450ms);
  EXPECT_EQ(server.stop().closed_by(CloseReason::header_timeout), 1U);
}

TEST(Timeouts, a_head_that_does_not_end_gets_408) {
  LiveServer server(impatient());
  RawClient client(server.port());
  client.send("GET /json HTTP/1.1\r\nHos");
  const Ending ending = end_of(client);
  EXPECT_TRUE(ending.bytes.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << ending.bytes;
  EXPECT_NE(ending.bytes.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_GE(ending.time, 450ms);
  EXPECT_EQ(server.stop().closed_by(CloseReason::header_timeout), 1U);
}

TEST(Timeouts, a_head_request_gets_408_without_a_body) {
  LiveServer server(impatient());
  for (const char* start :
       {"HEAD /json HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab", "HEAD /json HT"}) {
    RawClient client(server.port());
    client.send(start);
    EXPECT_TRUE(client.read_to_end().ends_with("\r\n\r\n")) << start;
  }
}

TEST(Timeouts, the_header_timeout_runs_from_the_first_byte_however_many_follow) {
  LiveServer server(impatient());
  RawClient client(server.port());
  client.send("GET /json HTTP/1.1\r\nHost: h\r\n");
  const auto start = Clock::now();
  while (client.is_silent_for(50ms)) {
    ASSERT_LT(Clock::now() - start, patience);
    client.send("X: y\r\n");
  }
  EXPECT_EQ(client.read_response().status, 408);
}

TEST(Timeouts, a_body_that_stops_gets_408_and_one_that_continues_does_not) {
  LiveServer server(impatient());
  RawClient client(server.port());
  client.send("POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
  const auto start = Clock::now();
  while (Clock::now() - start < 1500ms) {
    ASSERT_TRUE(client.is_silent_for(100ms));
    client.send("x");
  }
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(server.stop().closed_by(CloseReason::body_timeout), 1U);
}

/// Sends one piece every 50 ms until a response arrives.
void send_until_response(RawClient& client, std::string_view piece) {
  const auto start = Clock::now();
  while (client.is_silent_for(50ms)) {
    if (Clock::now() - start > patience) throw std::runtime_error("the client may go on for ever");
    client.send(piece);
  }
}

TEST(Timeouts, on_a_kept_connection_the_header_timeout_runs_from_the_first_byte_too) {
  LiveServer server(impatient());
  RawClient client(server.port());
  client.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\nGET /json HTTP/1.1\r\nHost: h\r\nX: ");
  EXPECT_EQ(client.read_response().status, 200);
  send_until_response(client, "y");
  EXPECT_EQ(statuses_of(client.read_to_end()), std::vector{408});
  EXPECT_EQ(server.stop().closed_by(CloseReason::header_timeout), 1U);
}

TEST(Timeouts, a_chunk_line_and_a_trailer_section_must_end_within_the_body_timeout) {
  LiveServer server(impatient());
  for (const char* start : {"1;", "1\r\nx\r\n1;", "0\r\nA: "}) {
    RawClient client(server.port());
    client.send(chunked_start + start);
    send_until_response(client, "a");
    EXPECT_EQ(statuses_of(client.read_to_end()), std::vector{408}) << start;
  }
  EXPECT_EQ(server.stop().closed_by(CloseReason::body_timeout), 3U);
}

TEST(Timeouts, chunks_that_continue_do_not_time_out_wherever_they_are_split) {
  Config config = impatient();
  config.timeouts.body = 1s;
  LiveServer server(config);
  RawClient client(server.port());
  client.send(chunked_start + "1");
  const auto start = Clock::now();
  std::string body;
  while (Clock::now() - start < 2200ms) {
    ASSERT_TRUE(client.is_silent_for(100ms));
    client.send("\r\nx\r\n1");
    body += "x";
  }
  client.send("\r\ny\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_response().body, body + "y");
}

TEST(Timeouts, empty_lines_do_not_keep_a_connection_open) {
  LiveServer server(impatient());
  RawClient fresh(server.port());
  send_until_response(fresh, "\r\n");
  RawClient kept(server.port());
  kept.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(kept.read_response().status, 200);
  send_until_response(kept, "\r\n");
}

TEST(Timeouts, an_idle_connection_is_closed_without_a_response) {
  LiveServer server(impatient());
  RawClient client(server.port());
  client.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 200);
  const Ending ending = end_of(client);
  EXPECT_EQ(ending.bytes, "");
  EXPECT_GE(ending.time, 450ms);
  EXPECT_EQ(server.stop().closed_by(CloseReason::idle_timeout), 1U);
}

TEST(Timeouts, ticks_that_a_busy_worker_misses_do_not_count_against_its_clients) {
  std::atomic<bool> is_busy = false;
  Router router;
  router.get("/busy", [&](const Request&, chopin::Response& response) {
    is_busy = true;
    std::this_thread::sleep_for(5 * Timeouts::tick);
    response.text("at last");
  });
  router.get("/", [](const Request&, chopin::Response& response) { response.text("served"); });
  Config config = impatient();
  config.workers = 1;
  LiveServer server(config, std::move(router));
  RawClient idle(server.port());
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(idle.read_response().body, "served");
  RawClient client(server.port());
  client.send("GET /busy HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return is_busy.load(); }));
  idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(idle.read_response().body, "served");
  EXPECT_EQ(client.read_response().body, "at last");
}

TEST(Timeouts, a_busy_connection_is_never_idle) {
  LiveServer server(impatient());
  RawClient client(server.port());
  const auto start = Clock::now();
  while (Clock::now() - start < 2s) {
    client.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.read_response().status, 200);
    EXPECT_TRUE(client.is_silent_for(100ms));
  }
}

TEST(Timeouts, a_peer_that_does_not_read_is_cut) {
  LiveServer server(impatient(), only(FastRoute::text("/big", std::string(20'000'000, 'x'))));
  RawClient client(server.port());
  client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 2; ++i) {  // two header timeouts, one after the other, outlast the write timeout
    RawClient silent(server.port());
    EXPECT_EQ(end_of(silent).bytes, "");
  }
  EXPECT_EQ(server.stop().closed_by(CloseReason::write_timeout), 1U);
}

TEST(Timeouts, a_peer_that_reads_a_byte_now_and_then_is_cut) {
  Config config = impatient();
  config.max_connections = 1;
  config.when_full = WhenFull::wait;
  LiveServer server(config, only(FastRoute::text("/big", std::string(20'000'000, 'x'))));
  RawClient client(server.port());
  client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  RawClient next(server.port());  // is accepted once the first one is cut
  next.send("GET /nothing HTTP/1.0\r\n\r\n");
  const auto start = Clock::now();
  char byte = 0;
  while (next.is_silent_for(50ms)) {
    ASSERT_LT(Clock::now() - start, patience);
    ASSERT_EQ(recv(client.fd(), &byte, 1, 0), 1);
  }
  EXPECT_EQ(next.read_response().status, 404);
  EXPECT_EQ(server.stop().closed_by(CloseReason::write_timeout), 1U);
}

TEST(Timeouts, a_peer_that_reads_slowly_but_steadily_is_served) {
  Config config = impatient();
  config.timeouts.write = 1s;
  LiveServer server(config, only(FastRoute::text("/big", std::string(20'000'000, 'x'))));
  RawClient client(server.port());
  client.send("GET /big HTTP/1.0\r\n\r\n");
  const auto start = Clock::now();
  std::size_t taken = 0;
  std::vector<char> buffer(128 * 1024);
  while (Clock::now() - start < 2200ms) {
    const ssize_t size = recv(client.fd(), buffer.data(), buffer.size(), 0);
    ASSERT_GT(size, 0);
    taken += static_cast<std::size_t>(size);
    std::this_thread::sleep_for(50ms);  // what makes it slow
  }
  EXPECT_GT(taken + client.read_to_end().size(), 20'000'000U);
}

TEST(Timeouts, a_peer_that_reads_more_slowly_than_it_may_is_cut) {
  Config config = test_config();
  config.timeouts.write = 24h;
  config.limits.min_rate = 1 << 30;
  LiveServer server(config, only(FastRoute::text("/big", std::string(20'000'000, 'x'))));
  RawClient client(server.port());
  client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto start = Clock::now();
  std::vector<char> buffer(64 * 1024);
  while (server.counters().closed_by(CloseReason::write_timeout) == 0) {
    ASSERT_LT(Clock::now() - start, patience);
    recv(client.fd(), buffer.data(), buffer.size(), 0);
    std::this_thread::sleep_for(50ms);  // what makes it slow
  }
}

}  // namespace
}  // namespace chopin::test
