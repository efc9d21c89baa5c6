#include "server/listener.hpp"

#include <cstddef>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "server/listening_sockets.hpp"

namespace chopin::server {
namespace {

constexpr std::size_t many = 1000;

/// A listening socket with a second descriptor for reading its options.
struct Accepting : testing::Test {
  ListeningSockets opened = open_listening_sockets(test::test_config(), 1);
  system::Descriptor socket{dup(opened.sockets.front().get())};
  loop::EventLoop loop;
  connection::ConnectionLimit limit{10 * many, [] {}};
  std::vector<connection::Connection> accepted;
  connection::Counter refused;
  Listener::Owner owner{
      limit, WhenFull::refuse, refused,
      [this](connection::Connection connection) { accepted.push_back(std::move(connection)); },
      [] { return false; }};
  Listener listener{std::move(opened.sockets.front()), owner, loop};

  Accepting() { listener.wait(); }

  [[nodiscard]] bool defers() const {
    int seconds = 0;
    socklen_t size = sizeof seconds;
    getsockopt(socket.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, &size);
    return seconds > 0;
  }

  void accept(std::size_t connections) {
    accepted.clear();
    for (std::size_t i = 0; i < connections; ++i) {
      test::RawClient client(opened.endpoint.port());
      client.send("x");
      loop.run_round();
    }
    ASSERT_EQ(accepted.size(), connections);
  }
};

TEST_F(Accepting, lets_the_kernel_wait_for_input_while_many_connections_arrive) {
  accept(many - 1);
  listener.on_tick();
  EXPECT_FALSE(defers());
  EXPECT_FALSE(accepted.back().brings_input);
  accept(many);
  listener.on_tick();
  EXPECT_TRUE(defers());
  accept(1);
  EXPECT_TRUE(accepted.back().brings_input);
  listener.on_tick();
  EXPECT_FALSE(defers());
}

TEST_F(Accepting, accepts_silent_connections_a_second_later) {
  accept(many);
  listener.on_tick();
  const test::RawClient silent(opened.endpoint.port());
  EXPECT_FALSE(loop.poll_round());
  loop.run_round();
  EXPECT_EQ(accepted.size(), many + 1);
}

TEST_F(Accepting, accepts_connections_that_close_without_sending_at_once) {
  accept(many);
  listener.on_tick();
  test::RawClient(opened.endpoint.port()).shutdown_send();
  loop.run_round();
  EXPECT_EQ(accepted.size(), many + 1);
}

}  // namespace
}  // namespace chopin::server
