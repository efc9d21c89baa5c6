#include <cstddef>
#include <cstdint>
#include <exception>
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

INSTANTIATE_TEST_SUITE_P(Modes, AddressLimit, testing::Values(Mode::standard, Mode::performance));

}  // namespace
}  // namespace chopin::test
