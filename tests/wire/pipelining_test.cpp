#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

const std::string json_request = "GET /json HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string plaintext_request = "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(Pipelining, answers_a_burst_in_order) {
  LiveServer server;
  RawClient client(server.port());
  std::string burst;
  for (int i = 0; i < 16; ++i) burst += i % 3 == 0 ? json_request : plaintext_request;
  client.send(burst);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(client.read_response().body, i % 3 == 0 ? R"({"message":"Hello, World!"})" : "Hello, World!")
        << i;
  }
}

TEST(Pipelining, a_stream_gives_the_same_answers_wherever_it_is_split) {
  LiveServer server;
  const std::string stream =
      "\r\nGET /json HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
      "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;e=f\r\nhello\r\n0\r\nT: r\r\n\r\n"
      "HEAD /plaintext HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const std::string expected = without_dates(exchange(server.port(), stream));
  ASSERT_NE(expected.find("Connection: close"), std::string::npos);
  for (std::size_t split = 1; split < stream.size(); ++split) {
    RawClient client(server.port());
    client.send(stream.substr(0, split));
    std::this_thread::yield();
    client.send(stream.substr(split));
    EXPECT_EQ(without_dates(client.read_to_end()), expected) << "split at " << split;
  }
}

TEST(Pipelining, a_stream_may_come_byte_by_byte) {
  LiveServer server;
  RawClient client(server.port());
  const std::string stream = plaintext_request +
                             "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" +
                             "GET /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  for (const char byte : stream) client.send(std::string_view(&byte, 1));
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(client.read_response().status, 405);
  EXPECT_EQ(client.read_response().status, 200);
}

TEST(Pipelining, answers_before_a_fault_arrive_and_nothing_behind_it_is_answered) {
  LiveServer server;
  const std::string bytes =
      exchange(server.port(), json_request + plaintext_request + "BAD\x01REQUEST\r\n\r\n" + json_request);
  EXPECT_EQ(statuses_of(bytes), (std::vector<int>{200, 200, 400}));
  const server::Counters counters = server.stop();
  EXPECT_EQ(counters.requests, 2U);
  EXPECT_EQ(counters.closed_by(server::CloseReason::rejected), 1U);
}

TEST(Pipelining, more_answers_than_fit_one_write_all_arrive_in_order) {
  const std::string letters = "abcdefghij";
  Router router;
  for (const char c : letters) router.fast(FastRoute::text(std::string("/") + c, std::string(30'000, c)));
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  std::string burst;
  for (std::size_t i = 0; i < 100; ++i)
    burst += std::string("GET /") + letters[i % 10] + " HTTP/1.1\r\nHost: h\r\n\r\n";
  client.send(burst);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(client.read_response().body, std::string(30'000, letters[i % 10])) << i;
  }
}

TEST(Pipelining, an_answer_larger_than_every_buffer_arrives) {
  const std::string body(5'000'000, 'x');
  LiveServer server(test_config(), only(FastRoute::text("/big", body)));
  RawClient client(server.port());
  client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\nGET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_response().body, body);
  EXPECT_EQ(client.read_response().body, body);
}

TEST(Pipelining, a_peer_that_does_not_read_is_not_read_from) {
  LiveServer server(test_config(), only(FastRoute::text("/", std::string(10'000, 'x'))));
  RawClient greedy(server.port());
  std::string requests;
  while (requests.size() < 1'000'000) requests += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  std::size_t accepted = 0;
  const auto until = std::chrono::steady_clock::now() + patience;
  // The server's receive buffer and ours fill up, and then nothing more goes, though a neighbour is served.
  for (int stuck = 0; stuck < 20;) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << "the server takes everything: " << accepted;
    const std::size_t sent = greedy.send_without_waiting(requests);
    accepted += sent;
    stuck = sent == 0 ? stuck + 1 : 0;
    EXPECT_EQ(ask(server.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
  }
  EXPECT_LT(server.stop().requests, 20'000U);
}

TEST(Pipelining, a_greedy_peer_does_not_starve_its_neighbour) {
  LiveServer server;
  RawClient greedy(server.port());
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += json_request;
  RawClient neighbour(server.port());
  for (int i = 0; i < 200; ++i) {
    while (greedy.send_without_waiting(requests) < requests.size()) {
      greedy.read_response();
    }
    neighbour.send(plaintext_request);
    EXPECT_EQ(neighbour.read_response().status, 200);
  }
}

TEST(Pipelining, an_empty_line_may_come_in_two_halves) {
  LiveServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("\r");
    EXPECT_TRUE(client.is_silent_for(20ms));
    client.send("\n" + json_request);
    EXPECT_EQ(client.read_response().status, 200);
  }
}

TEST(Pipelining, empty_lines_before_a_request_are_skipped_up_to_their_limit) {
  LiveServer server;
  const auto lines = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "\r\n";
    return text;
  };
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(lines(Limits::max_empty_lines) + json_request);
    EXPECT_EQ(client.read_response().status, 200);
  }
  client.send(lines(Limits::max_empty_lines + 1) + json_request);
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 400 "));
}

}  // namespace
}  // namespace chopin::test
