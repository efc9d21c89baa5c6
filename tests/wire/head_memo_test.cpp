#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

using namespace std::chrono_literals;

namespace chopin::test {
namespace {

/// Handlers that echo every part of the request, and a few fast routes.
Router telling_router() {
  Router router;
  router.fast(FastRoute::text("/fast", "fast"));
  router.fast(FastRoute::text("/faster", "faster"));
  const auto tell = [](const Request& request, chopin::Response& response) {
    std::string text{to_string(request.method())};
    text.append(" ").append(request.target()).append(" ").append(request.path());
    for (const auto& [name, value] : request.params()) text.append(" {").append(value).append("}");
    for (const auto& [name, value] : request.fields()) {
      text.append(" [").append(name).append("=").append(value).append("]");
    }
    response.text(text.append(" ").append(request.body()));
  };
  router.get("/told", tell);
  router.get("/told/{name}", tell);
  router.post("/told", tell);
  router.put("/told/{name}", tell);
  return router;
}

Config with_memo() {
  Config config = test_config();
  config.head_memo = true;
  return config;
}

Config without_memo() {
  Config config = test_config();
  config.head_memo = config.head_scanner = false;
  return config;
}

std::string head(const std::string& request_line, const std::string& fields = "") {
  return request_line + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

/// The response bytes for these requests, sent one after the other on one connection that is then
/// half-closed.
std::string responses_to(LiveServer& server, const std::vector<std::string>& requests) {
  RawClient client(server.port());
  for (const std::string& request : requests) client.send(request);
  client.shutdown_send();
  return without_dates(client.read_to_end());
}

/// Expects the responses of a server without a memo, the first time and every later one.
void expect_invisible(const std::vector<std::string>& requests, const Config& config = with_memo()) {
  LiveServer reference(without_memo(), telling_router());
  LiveServer server(config, telling_router());
  const std::string expected = responses_to(reference, requests);
  for (int round = 0; round < 3; ++round) EXPECT_EQ(responses_to(server, requests), expected) << round;
}

TEST(HeadMemo, recognises_a_head_whatever_serves_it) {
  for (const std::string& request :
       {head("GET /fast"), head("HEAD /fast"), head("POST /fast"), head("OPTIONS /fast"), head("GET /fast?x"),
        head("GET /told", "A: b\r\nc:\r\n"), head("HEAD /told"), head("GET /told/a%20b"), head("GET /told/x"),
        head("GET /x/../told"), head("GET /nowhere"), head("DELETE /told"), head("OPTIONS *"),
        head("GET http://other/fast"), std::string("GET /fast HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
        head("GET /fast", "Connection: keep-alive\r\n")}) {
    expect_invisible({request, request, request + request});
  }
}

TEST(HeadMemo, tells_heads_with_a_common_prefix_apart) {
  expect_invisible({head("GET /fast"), head("GET /fast"), head("GET /faster"), head("GET /fast", "X: y\r\n"),
                    head("GET /fast"), head("GET /told", "X: yes\r\n"), head("GET /told", "X: yet\r\n"),
                    head("GET /told", "X: yes\r\nX: yes\r\n"), head("GET /told", "X: yes\r\n")});
}

TEST(HeadMemo, tells_heads_with_a_common_end_apart) {
  expect_invisible({head("GET /told", "A: 1\r\nB: same\r\n"), head("GET /told", "A: 2\r\nB: same\r\n"),
                    head("GET /told/1", "B: same\r\n"), head("GET /told/2", "B: same\r\n")});
}

TEST(HeadMemo, keeps_heads_with_bodies_without_their_bodies) {
  const std::string upload = head("POST /told", "Content-Length: 5\r\n");
  const std::string chunked = head("POST /told", "Transfer-Encoding: chunked\r\n");
  const std::string to_param = head("PUT /told/x%20y", "Content-Length: 5\r\n");
  const std::string to_fast = head("GET /fast", "Content-Length: 5\r\n");
  const std::string of_get = head("GET /told", "Content-Length: 5\r\n") + "GET /";
  const std::string of_head = head("HEAD /told", "Content-Length: 5\r\n") + "GET /";
  expect_invisible({of_get, of_get + of_get, of_head, of_head + of_get});
  const std::string one_chunk = "1\r\na\r\n0\r\n\r\n";
  const std::string two_chunks = "2\r\nbc\r\n1\r\nd\r\n0\r\n\r\n";
  expect_invisible({upload + "first", upload + "other", upload + "GET /", chunked + one_chunk,
                    chunked + two_chunks, head("GET /fast"), upload + "again", to_param + "GET /",
                    to_param + "GET /", to_fast + "GET /", to_fast + "HEAD ",
                    upload + "first" + upload + "other" + chunked + two_chunks + chunked + one_chunk});
  expect_invisible({chunked + "1;x\r\na\r\n0\r\n\r\n", chunked + "1\r\na\r\n0\r\nA: b\r\n\r\n",
                    chunked + "0\r\n\r\n", chunked + "1\r\nab\r\n0\r\n\r\n"});
}

TEST(HeadMemo, knows_heads_whose_bodies_come_later) {
  LiveServer server(with_memo(), telling_router());
  RawClient client(server.port());
  const std::string upload = head("POST /told", "Content-Length: 5\r\n");
  const std::string chunked = head("POST /told", "Transfer-Encoding: chunked\r\n");
  for (const auto& [start, rest] : {std::pair{upload + "first", std::string()},
                                    {upload, "whole"},
                                    {upload + "pa", "rts"},
                                    {chunked + "2\r\nab\r\n0\r\n\r\n", ""},
                                    {chunked, "2\r\nab\r\n0\r\n\r\n"},
                                    {chunked + "2\r\na", "b\r\n0\r\n\r\n"},
                                    {chunked + "2\r\nab\r\n0\r\n", "\r\n"}}) {
    client.send(start);
    if (!rest.empty()) {
      EXPECT_TRUE(client.is_silent_for(20ms));
    }
    client.send(rest);
    EXPECT_EQ(client.read_response().status, 200) << start << '|' << rest;
  }
}

TEST(HeadMemo, counts_empty_lines_before_a_known_head) {
  const std::string known = head("GET /fast");
  std::string lines;
  for (std::uint32_t i = 0; i < Limits::max_empty_lines; ++i) lines += "\r\n";
  expect_invisible({known, known, lines + known, lines + known, lines + "\r\n" + known});
}

TEST(HeadMemo, does_not_bypass_the_field_limit) {
  Config config = with_memo();
  config.limits.max_fields = 2;
  LiveServer server(config, telling_router());
  const std::string known = head("GET /told", "A: b\r\n");
  for (const std::string& request : {known, known, head("GET /told", "A: b\r\nC: d\r\n"), known}) {
    const bool is_over = request.find("C: d") != std::string::npos;
    EXPECT_EQ(ask(server.port(), request).status, is_over ? 431 : 200);
  }
}

TEST(HeadMemo, recognises_a_head_that_arrives_in_pieces) {
  LiveServer server(with_memo(), telling_router());
  const std::string request = head("GET /told", "A: b\r\n");
  RawClient client(server.port());
  client.send(request);
  const std::string expected = without_dates(client.read_response().body);
  for (std::size_t size = 1; size < request.size(); ++size) {
    client.send(request.substr(0, size));
    client.send(request.substr(size));
    EXPECT_EQ(without_dates(client.read_response().body), expected) << size;
  }
}

TEST(HeadMemo, responds_with_the_current_date) {
  LiveServer server(with_memo(), telling_router());
  for (const char* path : {"/fast", "/told"}) {
    RawClient client(server.port());
    const auto date = [&] {
      client.send(head(std::string("GET ") + path));
      return client.read_response().field("Date");
    };
    const std::string first = date();
    const auto end = std::chrono::steady_clock::now() + patience;
    std::string later = first;
    while (later == first && std::chrono::steady_clock::now() < end) later = date();
    EXPECT_NE(later, first) << path;
  }
}

TEST(HeadMemo, responds_with_close_to_a_known_head_once_the_server_drains) {
  LiveServer server(with_memo(), telling_router());
  const std::string known = head("GET /fast");
  RawClient client(server.port());
  client.send(known + known + known.substr(0, 10));
  client.read_response();
  client.read_response();
  RawClient idle(server.port());
  server.drain();
  EXPECT_EQ(idle.read_to_end(), "");  // which shows that the worker drains
  client.send(known.substr(10));
  EXPECT_EQ(client.read_response().field("Connection"), "close");
}

TEST(HeadMemo, serves_more_heads_than_it_can_keep) {
  std::vector<std::string> requests;
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 12; ++i) requests.push_back(head("GET /told/" + std::to_string(i), "A: b\r\n"));
    requests.push_back(head("GET /fast"));
  }
  expect_invisible(requests);
}

TEST(HeadMemo, keeps_no_head_that_is_larger_than_a_slot) {
  for (const std::size_t size : {900U, 1000U, 1100U, 3000U, 5000U}) {
    const std::string large = head("GET /told", "A: " + std::string(size, 'x') + "\r\n");
    expect_invisible({large, large, head("GET /fast"), large});
  }
  std::string fields;
  for (int i = 0; i < 40; ++i) fields += "A: b\r\n";
  expect_invisible({head("GET /told", fields), head("GET /told", fields)});
}

TEST(HeadMemo, gives_the_same_responses_16_deep) {
  std::string burst;
  for (int i = 0; i < 16; ++i) burst += head("GET /fast");
  for (int i = 0; i < 16; ++i) burst += head(i % 2 == 0 ? "GET /told" : "GET /faster");
  expect_invisible({burst, burst, burst + head("BREW /fast") + burst});
}

TEST(HeadMemo, gives_the_same_responses_in_standard_mode) {
  Config config = with_memo();
  config.mode = Mode::standard;
  LiveServer server(config, telling_router());
  const std::string expected = responses_to(server, {head("GET /told")});
  for (int round = 0; round < 3; ++round) EXPECT_EQ(responses_to(server, {head("GET /told")}), expected);
}

}  // namespace
}  // namespace chopin::test
