#include "connection/session.hpp"

#include <array>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include <gtest/gtest.h>

#include "system/sockets.hpp"

namespace chopin::connection {
namespace {

Router one_route() {
  Router router;
  router.fast(FastRoute::text("/", "hello"));
  return router;
}

/// One connection whose clock ticks when the test says so.
struct OneSession : testing::Test {
  OneSession() {
    loop.tasks()->claim();
    context.worker.session_ended = [] {};
    context.worker.prebuilt.set_date("Sun, 06 Nov 1994 08:49:37 GMT");
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    client = system::Descriptor(ends[0]);
    Session::start({.slot = connections.take(), .socket = system::Descriptor(ends[1])}, context);
  }
  OneSession(const OneSession&) = delete;
  OneSession& operator=(const OneSession&) = delete;
  ~OneSession() override {
    Session::for_each(context, [](Session& session) { session.cut(); });
    loop.close();
  }

  void send(std::string_view bytes) const { system::send_now(client.get(), bytes); }
  void settle() {
    while (loop.poll_round()) continue;
  }
  std::string read() const {
    std::array<char, 65536> space{};
    return {space.data(), system::receive_now(client.get(), space).size};
  }
  [[nodiscard]] bool is_open() const { return !context.worker.sessions.empty(); }
  /// Ticks until the server has closed, at most two minutes' worth. `meanwhile` is called after each.
  template <class Meanwhile>
  std::chrono::milliseconds time_until_closed(Meanwhile meanwhile) {
    std::chrono::milliseconds time{0};
    while (is_open() && time < std::chrono::minutes(2)) {
      loop.clock().advance();
      time += Timeouts::tick;
      meanwhile();
      settle();
    }
    return time;
  }

  Config config;
  SharedRoutes shared{one_route(), config};
  loop::EventLoop loop;
  loop::IoContextGuest io_context{loop};
  ConnectionLimit connections{1, [] {}};
  SessionContext context{config, shared, connections, loop, io_context};
  system::Descriptor client;
};

const std::string plain_request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(OneSession, discards_input_after_a_refusal_until_none_has_come_for_5_s) {
  send("BAD\x01\r\n\r\n");
  settle();
  EXPECT_TRUE(read().starts_with("HTTP/1.1 400 "));
  for (int i = 0; i < 30; ++i) {
    loop.clock().advance();
    send("x");
    settle();
  }
  ASSERT_TRUE(is_open()) << "15 s later";
  const auto silent = time_until_closed([] {});
  EXPECT_GE(silent, Timeouts::linger);
  EXPECT_LE(silent, Timeouts::linger + Timeouts::tick);
}

TEST_F(OneSession, discards_input_after_a_refusal_for_30_s_in_all) {
  send("BAD\x01\r\n\r\n");
  settle();
  const auto time = time_until_closed([this] { send("x"); });
  EXPECT_GE(time, Timeouts::linger_in_all - Timeouts::linger);
  EXPECT_LE(time, Timeouts::linger_in_all + Timeouts::tick);
}

TEST_F(OneSession, serves_a_request_that_arrives_as_a_timeout_expires) {
  for (const std::chrono::milliseconds timeout : {config.timeouts.header, config.timeouts.idle}) {
    send(plain_request);  // the loop does not learn of it before the clock does
    for (auto time = -2 * Timeouts::tick; time < timeout; time += Timeouts::tick) loop.clock().advance();
    settle();
    EXPECT_TRUE(read().starts_with("HTTP/1.1 200 "));
  }
  const auto idle = time_until_closed([] {});
  EXPECT_GE(idle, config.timeouts.idle);
  EXPECT_LE(idle, config.timeouts.idle + Timeouts::tick);
}

}  // namespace
}  // namespace chopin::connection
