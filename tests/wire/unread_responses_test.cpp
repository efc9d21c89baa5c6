#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <ios>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/router.hpp"
#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

Config with_short_timeouts() {
  Config config = test_config();
  config.timeouts = {.header = 500ms, .body = 500ms, .idle = 500ms, .write = 500ms, .drain = 500ms};
  return config;
}

/// The sockets with this local port that are no longer anybody's: after FIN, in any state but TIME_WAIT. By
/// proc_net_tcp(5).
std::size_t orphans_on(std::uint16_t port) {
  constexpr int fin_wait_1 = 4;
  constexpr int last_ack = 9;
  constexpr int closing = 11;
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);
  std::size_t found = 0;
  while (std::getline(table, line)) {
    std::istringstream columns(line);
    std::string number, local, remote;
    int state = 0;
    columns >> number >> local >> remote >> std::hex >> state;
    const bool is_ours = std::stoul(local.substr(local.find(':') + 1), nullptr, 16) == port;
    if (is_ours && (state == fin_wait_1 || state == last_ack || state == closing)) ++found;
  }
  return found;
}

/// Clients that send this and read nothing.
std::vector<RawClient> deaf_clients(std::uint16_t port, std::size_t count, std::string_view requests) {
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < count; ++i) {
    RawClient& client = clients.emplace_back(port);
    client.shrink_receive_buffer();
    client.send_without_waiting(requests);
  }
  return clients;
}

/// More than the kernel takes.
Router one_large_route() {
  return only(FastRoute::text("/large", std::string(2'000'000, 'x')));
}

TEST(UnreadResponses, that_wait_for_room_are_dropped_with_their_connection) {
  LiveServer server(with_short_timeouts(), one_large_route());
  const auto clients = deaf_clients(server.port(), 50, get("/large"));
  EXPECT_TRUE(
      eventually([&] { return server.counters().closed_by(CloseReason::write_timeout) == clients.size(); }));
  EXPECT_EQ(orphans_on(server.port()), 0U);
}

TEST(UnreadResponses, that_the_kernel_has_taken_are_dropped_with_their_connection) {
  LiveServer server(with_short_timeouts());
  std::string requests;
  for (int i = 0; i < 900; ++i) requests += get_json;
  const auto clients = deaf_clients(server.port(), 50, requests);
  EXPECT_TRUE(
      eventually([&] { return server.counters().closed_by(CloseReason::idle_timeout) == clients.size(); }));
  EXPECT_EQ(orphans_on(server.port()), 0U);
}

TEST(UnreadResponses, are_dropped_when_the_server_is_cut) {
  Config config = with_short_timeouts();
  config.timeouts.write = config.timeouts.drain = 24h;
  LiveServer server(config, one_large_route());
  const auto clients = deaf_clients(server.port(), 5, get("/large"));
  ASSERT_TRUE(eventually([&] { return server.counters().requests == clients.size(); }));
  server.cut();
  EXPECT_EQ(server.join().closed_by(CloseReason::cut), clients.size());
  EXPECT_EQ(orphans_on(server.port()), 0U);
}

/// The response is in the kernel when the connection ends, and the client begins to read afterwards.
TEST(UnreadResponses, of_a_connection_that_ends_in_order_are_left_to_the_kernel) {
  const std::string body(100'000, 'x');
  LiveServer server(with_short_timeouts(), only(FastRoute::text("/", body)));
  RawClient asked(server.port());
  RawClient drained(server.port());
  for (RawClient* const client : {&asked, &drained}) client->shrink_receive_buffer();
  drained.send(get("/"));
  asked.send(closing("GET / HTTP/1.1"));
  ASSERT_TRUE(eventually([&] { return server.counters().closed_by(CloseReason::client_asked) == 1; }));
  server.drain();
  EXPECT_EQ(server.join().closed_by(CloseReason::drained), 1U);
  EXPECT_EQ(asked.read_response().body_size(), body.size());
  EXPECT_EQ(drained.read_response().body_size(), body.size());
}

TEST(UnreadResponses, that_a_slow_client_still_takes_keep_its_connection_open) {
  LiveServer server(with_short_timeouts(), only(FastRoute::text("/", std::string(100'000, 'x'))));
  RawClient client(server.port());
  client.shrink_receive_buffer();
  client.send(get("/"));
  RawClient idle(server.port());
  idle.send(get("/"));
  idle.read_response();
  EXPECT_EQ(idle.read_to_end(), "");  // the idle timeout is over
  EXPECT_EQ(client.read_response().body_size(), 100'000U);
}

}  // namespace
}  // namespace chopin::test
