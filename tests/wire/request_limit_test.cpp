#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/exchange.hpp"
#include "chopin/responder.hpp"
#include "chopin/router.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using connection::CloseReason;

constexpr int most_requests = 5;

Config with_request_limit(Mode mode) {
  Config config = test_config();
  config.mode = mode;
  config.limits.max_requests = most_requests;
  return config;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// Routes of every kind.
Router routes_of_every_kind() {
  Router router;
  router.fast(FastRoute::text("/fast", "fast"));
  router.fast(FastRoute::text("/large", std::string(Limits::large_body, 'x')));
  router.get("/handler", [](const Request&, chopin::Response& response) { response.text("handled"); });
  router.post("/echo", [](const Request& request, chopin::Response& response) {
    response.body("text/plain", request.body());
  });
  router.route(Method::get, "/later", [](Responder responder) {
    responder.response().text("later");
    responder.send();
  });
  router.get("/stream", [](Exchange& exchange) -> Task<> { co_await exchange.write("streamed"); });
  return router;
}

const std::string post_echo = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";

class RequestLimit : public testing::TestWithParam<Mode> {
 protected:
  LiveServer server_{with_request_limit(GetParam()), routes_of_every_kind()};
};

TEST_P(RequestLimit, lets_the_last_request_know_and_no_other) {
  for (const std::string& request :
       {get("/fast"), get("/large"), get("/handler"), get("/later"), get("/missing"), post_echo}) {
    RawClient client(server_.port());
    for (int i = 1; i <= most_requests; ++i) {
      client.send(request);
      EXPECT_EQ(client.read_response().field("Connection"), i < most_requests ? "" : "close") << request << i;
    }
    EXPECT_EQ(client.read_to_end(), "") << request;
  }
  EXPECT_EQ(server_.stop().closed_by(CloseReason::request_limit), 6U);
}

TEST_P(RequestLimit, responds_to_no_more_of_a_burst_than_that) {
  for (const std::string& request : {get("/fast"), get("/handler"), get("/later"), post_echo}) {
    for (const int sent : {most_requests, most_requests + 1, 20 * most_requests}) {
      std::string burst;
      for (int i = 0; i < sent; ++i) burst += request;
      const std::string bytes = exchange(server_.port(), burst);
      EXPECT_EQ(statuses_of(bytes), std::vector<int>(most_requests, 200)) << request;
      EXPECT_EQ(count_of(bytes, "\r\nConnection: close\r\n"), 1U) << request;
    }
  }
  const auto counters = server_.stop();
  EXPECT_EQ(counters.closed_by(CloseReason::request_limit), 12U);
  EXPECT_EQ(counters.requests, 12U * most_requests);
}

TEST_P(RequestLimit, leaves_a_connection_with_fewer_requests_open) {
  RawClient client(server_.port());
  std::string burst;
  for (int i = 1; i < most_requests; ++i) burst += get("/fast");
  client.send(burst);
  for (int i = 1; i < most_requests; ++i) EXPECT_EQ(client.read_response().field("Connection"), "");
  client.send(get("/stream"));
  const std::string bytes = client.read_to_end();
  EXPECT_EQ(count_of(bytes, "\r\nConnection: close\r\n"), 1U) << bytes;
  EXPECT_TRUE(bytes.ends_with("streamed\r\n0\r\n\r\n")) << bytes;
}

TEST_P(RequestLimit, counts_the_requests_of_http_1_0_clients_that_keep_the_connection) {
  RawClient client(server_.port());
  for (int i = 1; i <= most_requests; ++i) {
    client.send("GET /fast HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.read_response().field("Connection"), i < most_requests ? "keep-alive" : "close");
  }
  EXPECT_EQ(client.read_to_end(), "");
}

INSTANTIATE_TEST_SUITE_P(Modes, RequestLimit, testing::Values(Mode::standard, Mode::performance));

}  // namespace
}  // namespace chopin::test
