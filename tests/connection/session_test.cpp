#include "connection/session.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/exchange.hpp"
#include "loop/wakeup.hpp"
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
  explicit OneSession(const Config& own = {}, Router router = one_route())
      : config(own), shared(std::move(router), config) {
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
  SharedRoutes shared;
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

struct AgingSession : OneSession {
  static Config config_of() {
    Config config;
    config.timeouts.connection_age = std::chrono::seconds(60);
    return config;
  }
  AgingSession() : OneSession(config_of()) {}

  void pass(std::chrono::milliseconds time) {
    for (; time > std::chrono::milliseconds(0); time -= Timeouts::tick) {
      loop.clock().advance();
      settle();
    }
  }
  std::string response() {
    send(plain_request);
    settle();
    return read();
  }
};

const std::string says_close = "\r\nConnection: close\r\n";

TEST_F(AgingSession, is_told_with_the_first_response_after_its_age) {
  response();
  pass(std::chrono::seconds(60));
  EXPECT_EQ(response().find(says_close), std::string::npos) << "a tick may have come at once";
  pass(Timeouts::tick);
  EXPECT_NE(response().find(says_close), std::string::npos);
  EXPECT_FALSE(is_open());
  EXPECT_EQ(context.worker.counters.read().closed_by(CloseReason::age_limit), 1U);
}

TEST_F(AgingSession, gets_one_response_of_a_burst_after_its_age) {
  response();
  pass(std::chrono::seconds(61));
  send(plain_request + plain_request);
  settle();
  const std::string bytes = read();
  EXPECT_EQ(bytes.find(says_close), bytes.rfind(says_close));
  EXPECT_EQ(bytes.find("HTTP/1.1 200"), bytes.rfind("HTTP/1.1 200"));
}

TEST_F(AgingSession, ends_by_its_idle_timeout_if_it_asks_for_nothing) {
  response();
  const auto idle = time_until_closed([] {});
  EXPECT_LE(idle, config.timeouts.idle + Timeouts::tick);
  EXPECT_EQ(context.worker.counters.read().closed_by(CloseReason::idle_timeout), 1U);
}

// ---- The minimum rate of 240 bytes in a second. A tick is half a second. ----

const std::string post_start = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n";

TEST_F(OneSession, refuses_a_body_that_comes_more_slowly_than_it_may) {
  send(post_start);
  settle();
  const auto time = time_until_closed([this] { send("x"); });
  EXPECT_TRUE(read().starts_with("HTTP/1.1 408 "));
  EXPECT_GE(time, Timeouts::rate_grace);
  EXPECT_LE(time, 2 * Timeouts::rate_grace + Timeouts::linger_in_all);
  EXPECT_EQ(context.worker.counters.read().closed_by(CloseReason::body_timeout), 1U);
}

TEST_F(OneSession, takes_a_body_that_comes_as_slowly_as_it_may) {
  send(post_start);
  settle();
  const std::string half_a_second(120, 'x');
  time_until_closed([&] { send(half_a_second); });
  EXPECT_TRUE(is_open()) << "after two minutes";
}

TEST_F(OneSession, refuses_a_body_that_has_become_slow) {
  send(post_start + std::string(60'000, 'x'));
  settle();
  time_until_closed([this] { send("x"); });
  EXPECT_TRUE(read().starts_with("HTTP/1.1 408 "));
}

TEST_F(OneSession, refuses_a_head_that_comes_more_slowly_than_it_may) {
  for (int i = 0; i < 12; ++i) loop.clock().advance();  // until the first byte it may be silent
  send("GET / HTTP/1.1\r\nA: ");
  settle();
  ASSERT_TRUE(is_open());
  loop.clock().advance();
  send("a");
  settle();
  EXPECT_EQ(read(), "");
}

TEST_F(OneSession, refuses_the_slow_head_of_a_later_request) {
  send(plain_request + "GET / HTTP/1.1\r\nA: ");
  settle();
  read();
  std::chrono::milliseconds time{0};
  std::string response;
  for (; response.empty() && time < std::chrono::minutes(1); time += Timeouts::tick) {
    loop.clock().advance();
    send("a");
    settle();
    response = read();
  }
  EXPECT_TRUE(response.starts_with("HTTP/1.1 408 "));
  EXPECT_GE(time, Timeouts::rate_grace);
  EXPECT_LT(time, config.timeouts.header);
}

/// A handler that reads parts, and waits for the test after each of them.
struct SessionWithParts : OneSession {
  static Config config_of() {
    Config config;
    config.timeouts.handler = std::chrono::hours(24);
    return config;
  }
  SessionWithParts()
      : OneSession(config_of(), [this] {
          Router router;
          router.post("/", [this](Exchange& exchange) -> chopin::Task<> {
            while (!(co_await exchange.read()).empty()) co_await gate->wait();
          });
          return router;
        }()) {
    gate.emplace(loop);
  }

  std::optional<loop::Wakeup> gate;
};

TEST_F(SessionWithParts, is_not_slow_while_its_handler_is_busy) {
  send(post_start + "x");
  settle();
  for (int part = 0; part < 3; ++part) {
    for (int i = 0; i < 240; ++i) loop.clock().advance();
    send("x");
    gate->notify();
    settle();
  }
  EXPECT_EQ(read(), "");
  EXPECT_TRUE(is_open()) << "after six minutes";
}

TEST_F(SessionWithParts, is_refused_if_its_handler_waits_for_slow_parts) {
  send(post_start + "x");
  settle();
  const auto time = time_until_closed([this] {
    gate->notify();
    settle();  // now it waits for more
    loop.clock().advance();
    send("x");
  });
  EXPECT_TRUE(read().starts_with("HTTP/1.1 408 "));
  EXPECT_GE(time, Timeouts::rate_grace);
  EXPECT_FALSE(is_open());
}

}  // namespace
}  // namespace chopin::connection
