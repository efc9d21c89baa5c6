#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

const std::string json_request = "GET /json HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string plaintext_request = "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(Pipelining, responds_to_a_burst_in_order) {
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

TEST(Pipelining, a_stream_gives_the_same_responses_wherever_it_is_split) {
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

TEST(Pipelining, responses_before_a_fault_arrive_and_nothing_after_it_is_processed) {
  LiveServer server;
  const std::string bytes =
      exchange(server.port(), json_request + plaintext_request + "BAD\x01REQUEST\r\n\r\n" + json_request);
  EXPECT_EQ(statuses_of(bytes), (std::vector<int>{200, 200, 400}));
  const connection::Counters counters = server.stop();
  EXPECT_EQ(counters.requests, 2U);
  EXPECT_EQ(counters.closed_by(connection::CloseReason::rejected), 1U);
}

TEST(Pipelining, more_responses_than_fit_one_write_all_arrive_in_order) {
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

TEST(Pipelining, a_response_larger_than_every_buffer_arrives) {
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
  // The server's receive buffer and ours fill up, and then nothing more is sent, though a neighbour is
  // served.
  for (int stuck = 0; stuck < 20;) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << "the server takes everything: " << accepted;
    const std::size_t sent = greedy.send_without_waiting(requests);
    accepted += sent;
    stuck = sent == 0 ? stuck + 1 : 0;
    EXPECT_EQ(ask(server.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
  }
  EXPECT_LT(accepted, 60'000'000U) << "more than kernels buffer";
  EXPECT_LT(server.stop().requests, 20'000U);
}

TEST(Pipelining, no_more_requests_are_served_at_once_than_may_be_pending) {
  LiveServer server(test_config(), only(FastRoute::text("/", std::string(1'000'000, 'x'))));
  const std::string request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  std::string burst;
  for (int i = 0; i < 80; ++i) burst += request;
  RawClient greedy(server.port());
  greedy.send(burst);
  EXPECT_FALSE(greedy.is_silent_for(patience));
  EXPECT_EQ(ask(server.port(), request).status, 200);
  EXPECT_LT(server.stop().requests, 40U) << "of 80, whose responses the kernel does not accept";
}

TEST(Pipelining, leftover_bytes_of_a_burst_are_not_mixed_with_those_of_neighbours) {
  LiveServer server;
  RawClient neighbour(server.port());
  for (const std::size_t padding : {0U, 1000U, 4100U, 7000U}) {
    const std::string request =
        "GET /plaintext HTTP/1.1\r\nHost: h\r\nX: " + std::string(padding, 'x') + "\r\n\r\n";
    for (const std::size_t cut : {std::size_t{1}, request.size() / 2, request.size() - 1}) {
      RawClient client(server.port());
      client.send(json_request + request.substr(0, cut));
      EXPECT_EQ(client.read_response().body, R"({"message":"Hello, World!"})");
      neighbour.send(json_request + json_request + json_request);
      for (int i = 0; i < 3; ++i) EXPECT_EQ(neighbour.read_response().status, 200);
      client.send(request.substr(cut) + json_request);
      EXPECT_EQ(client.read_response().body, "Hello, World!") << padding << " " << cut;
      EXPECT_EQ(client.read_response().body, R"({"message":"Hello, World!"})");
    }
  }
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

TEST(Pipelining, a_backlog_of_one_peer_does_not_come_before_its_neighbour) {
  std::promise<void> reached;
  std::promise<void> opened;
  std::string order;  // written by the one worker until it has ended
  Router router;
  router.get("/gate", [&](const Request&, chopin::Response&) {
    reached.set_value();
    opened.get_future().wait_for(patience);
  });
  router.get("/greedy", [&](const Request&, chopin::Response&) { order += 'g'; });
  router.get("/polite", [&](const Request&, chopin::Response&) { order += 'p'; });
  LiveServer server(test_config(), std::move(router));
  const auto get = [](const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n"; };
  RawClient gate(server.port());
  RawClient greedy(server.port());
  RawClient polite(server.port());
  for (RawClient* const client : {&greedy, &polite}) {
    client->send(get("/greedy"));
    EXPECT_EQ(client->read_response().status, 200);
  }
  gate.send(get("/gate"));
  ASSERT_EQ(reached.get_future().wait_for(patience), std::future_status::ready);
  constexpr std::size_t backlog = 2000;
  std::string requests;
  for (std::size_t i = 0; i < backlog; ++i) requests += get("/greedy");
  greedy.send(requests);
  polite.send(get("/polite"));
  opened.set_value();
  EXPECT_EQ(polite.read_response().status, 200);
  for (std::size_t i = 0; i < backlog; ++i) EXPECT_EQ(greedy.read_response().status, 200);
  server.stop();
  EXPECT_LT(order.find('p'), backlog / 2);
}

TEST(Pipelining, bodies_and_empty_lines_are_allowed_between_requests) {
  LiveServer server;
  const std::string stream =
      "\r\n\r\n" + json_request +
      "\r\nGET /plaintext HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nGET / "
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4;a=b\r\n\r\n\r\n\r\n1\r\nG\r\n0;c\r\nA: b\r\nContent-Type: c\r\n\r\n"
      "\r\n\r\nPUT /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n\r\n"
      "OPTIONS * HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "DELETE /json HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
  const std::string expected = without_dates(exchange(server.port(), stream));
  EXPECT_EQ(statuses_of(expected), (std::vector<int>{200, 200, 200, 404, 204, 405}));
  EXPECT_NE(expected.find("\r\n\r\n\r\n\r\nG"), std::string::npos) << expected;
  RawClient client(server.port());
  for (const char byte : stream) client.send(std::string_view(&byte, 1));
  EXPECT_EQ(without_dates(client.read_to_end()), expected);
}

TEST(Pipelining, faults_of_every_kind_end_the_stream_after_the_responses_before_them) {
  LiveServer server;
  const std::string chunked = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  struct Case {
    std::string fault;
    int status;
  };
  for (const Case& c :
       {Case{"GET /json HTTP/1.1\r\n\r\n", 400}, Case{"GET /%2F HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Case{chunked + "1\r\nxy\r\n0\r\n\r\n", 400}, Case{chunked + "1\r\nx\r\n0\r\nA\r\n\r\n", 400},
        Case{chunked + "1\r\nx\r\n100000\r\n", 413},
        Case{"GET /json HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", 417},
        Case{"BREW /json HTTP/1.1\r\nHost: h\r\n\r\n", 501},
        Case{"GET /json HTTP/3.0\r\nHost: h\r\n\r\n", 505}}) {
    const std::string stream = json_request + chunked + "1\r\nx\r\n0\r\n\r\n" + c.fault + json_request;
    const std::string expected = without_dates(exchange(server.port(), stream));
    EXPECT_EQ(statuses_of(expected), (std::vector<int>{200, 200, c.status})) << c.fault;
    RawClient client(server.port());
    for (const char byte : stream) client.send(std::string_view(&byte, 1));
    EXPECT_EQ(without_dates(client.read_to_end()), expected) << c.fault;
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
