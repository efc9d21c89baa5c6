#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using connection::CloseReason;

constexpr std::size_t most_connections = 3;

Config with_address_limit(Mode mode) {
  Config config = test_config();
  config.mode = mode;
  config.workers = 2;
  config.limit_per_address = most_connections;
  return config;
}

/// Clients with a connection that is served.
std::vector<RawClient> served_clients(std::uint16_t port, std::size_t count) {
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < count; ++i) {
    RawClient& client = clients.emplace_back(port);
    client.send(get_json);
    EXPECT_EQ(client.read_response().status, 200);
  }
  return clients;
}

/// Whether a new connection is served; one that is refused ends at once, or is reset.
bool is_served(std::uint16_t port) {
  try {
    RawClient client(port);
    client.send(get_json);
    return client.read_response().status == 200;
  } catch (const std::exception&) {
    return false;
  }
}

class AddressLimit : public testing::TestWithParam<Mode> {};

TEST_P(AddressLimit, closes_the_connection_that_is_one_too_many) {
  LiveServer server(with_address_limit(GetParam()));
  auto clients = served_clients(server.port(), most_connections);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(is_served(server.port()));
  for (RawClient& client : clients) {
    client.send(get_json);
    EXPECT_EQ(client.read_response().status, 200);
  }
  EXPECT_EQ(server.stop().closed_by(CloseReason::address_limit), 5U);
}

TEST_P(AddressLimit, says_why_and_when_to_try_again) {
  LiveServer server(with_address_limit(GetParam()));
  const auto clients = served_clients(server.port(), most_connections);
  RawClient client(server.port());
  const Response response = client.read_response();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.field("Retry-After"), "1");
  EXPECT_EQ(response.field("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop().rejected_for(http::Rejection::address_full), 1U);
}

TEST_P(AddressLimit, serves_another_connection_when_one_has_ended) {
  LiveServer server(with_address_limit(GetParam()));
  auto clients = served_clients(server.port(), most_connections);
  clients.pop_back();
  EXPECT_TRUE(eventually([&] { return is_served(server.port()); }));
}

TEST_P(AddressLimit, does_not_hold_for_trusted_proxies) {
  Config config = with_address_limit(GetParam());
  config.trusted_proxies = {"127.0.0.0/8"};
  LiveServer server(config);
  const auto clients = served_clients(server.port(), 2 * most_connections);
  EXPECT_EQ(server.stop().closed_by(CloseReason::address_limit), 0U);
}

class AddressRate : public testing::TestWithParam<Mode> {
 protected:
  static constexpr std::uint32_t in_a_second = 5;

  static Config config() {
    Config config = test_config();
    config.mode = GetParam();
    config.workers = 2;
    config.requests_per_address = in_a_second;
    return config;
  }
};

TEST_P(AddressRate, ends_connections_that_ask_too_often_and_refuses_new_ones_for_a_while) {
  LiveServer server(config());
  RawClient client(server.port());
  std::uint32_t served = 0;
  for (bool is_last = false; !is_last; ++served) {
    ASSERT_LT(served, 10'000U);
    client.send(get_json);
    const Response response = client.read_response();
    ASSERT_EQ(response.status, 200);
    is_last = response.field("Connection") == "close";
  }
  EXPECT_GT(served, in_a_second);
  EXPECT_EQ(client.read_to_end(), "");

  RawClient refused(server.port());
  const Response response = refused.read_response();
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.field("Retry-After"), "1");
  EXPECT_EQ(refused.read_to_end(), "");
  EXPECT_TRUE(eventually([&] { return is_served(server.port()); }));

  const connection::Counters counters = server.stop();
  EXPECT_GE(counters.rejected_for(http::Rejection::address_too_fast), 1U);
  EXPECT_GE(counters.closed_by(CloseReason::address_limit), 2U);
}

TEST_P(AddressRate, counts_requests_that_end_their_connection_or_are_refused) {
  const std::string closing = "Connection: close\r\n";
  for (const std::string& request :
       {get("/json", closing), get("/nothing", closing), std::string("GET /json HTTP/1.0\r\n\r\n"),
        std::string("GET /json HTTP/1.1\r\n\r\n"),
        "POST /echo HTTP/1.1\r\nHost: h\r\n" + closing + "Content-Length: 1\r\n\r\nx"}) {
    LiveServer server(config());
    bool is_refused = false;
    for (int i = 0; i < 10'000 && !is_refused; ++i) {
      is_refused = exchange(server.port(), request).starts_with("HTTP/1.1 429 ");
    }
    EXPECT_TRUE(is_refused) << request;
  }
}

TEST_P(AddressRate, ends_a_pipeline_too) {
  LiveServer server(config());
  RawClient client(server.port());
  std::string many;
  for (int i = 0; i < 1000; ++i) many += get_json;
  client.send(many);
  Response response = client.read_response();
  for (int i = 0; i < 1000 && response.field("Connection") != "close"; ++i) response = client.read_response();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(AddressRate, does_not_hold_for_trusted_proxies) {
  Config trusting = config();
  trusting.trusted_proxies = {"127.0.0.0/8"};
  LiveServer server(trusting);
  RawClient client(server.port());
  for (std::uint32_t i = 0; i < 4 * in_a_second; ++i) {
    client.send(get_json);
    EXPECT_EQ(client.read_response().field("Connection"), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, AddressRate, testing::Values(Mode::standard, Mode::performance));
INSTANTIATE_TEST_SUITE_P(Modes, AddressLimit, testing::Values(Mode::standard, Mode::performance));

}  // namespace
}  // namespace chopin::test
