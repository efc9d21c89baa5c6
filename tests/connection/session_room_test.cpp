#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include <gtest/gtest.h>

#include "connection/session.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {
namespace {

constexpr std::uint64_t kibibyte = 1024;

Router routes_with_bodies() {
  Router router;
  router.fast(FastRoute::text("/", "hello"));
  router.fast(FastRoute::text("/large", std::string(200 * kibibyte, 'x')));
  router.post("/body", [](const Request& request, Response& response) { response.text(request.body()); });
  router.post("/parts", [](Exchange& exchange) -> Task<> {
    while (!(co_await exchange.read()).empty()) continue;
  });
  return router;
}

/// One worker with a budget of 1 MiB, which nobody samples, so that only its connections count.
struct Sessions : testing::Test {
  Sessions() {
    loop.tasks()->claim();
    context.worker.session_ended = [] {};
    context.worker.prebuilt.set_date("Sun, 06 Nov 1994 08:49:37 GMT");
    context.worker.memory.shed_with([this](std::uint64_t bytes) { return Session::shed(context, bytes); });
  }
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;
  ~Sessions() override {
    Session::for_each(context, [](Session& session) { session.cut(); });
    loop.close();
  }

  struct Client {
    system::Descriptor socket;

    void send(std::string_view bytes) const {
      ASSERT_EQ(system::send_now(socket.get(), bytes).size, bytes.size());
    }
    [[nodiscard]] std::string read() const {
      std::string space(64 * kibibyte, ' ');
      space.resize(system::receive_now(socket.get(), space).size);
      return space;
    }
    [[nodiscard]] int status() const {
      const std::string response = read();
      return response.empty() ? 0 : std::stoi(response.substr(9));
    }
  };

  Client& connect() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    Session::start({.slot = connections.take(), .socket = system::Descriptor(ends[1])}, context);
    return clients.emplace_back(Client{system::Descriptor(ends[0])});
  }
  /// A client that has sent so much of a body, but not its end.
  Client& begin_body(std::size_t size, std::string_view path = "/body") {
    Client& client = connect();
    client.send("POST " + std::string(path) +
                " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nf4240\r\n");
    settle();
    add_to_body(client, size);
    return client;
  }
  void add_to_body(Client& client, std::size_t size) {
    constexpr std::size_t piece = 32 * kibibyte;
    for (; size > 0; size -= std::min(size, piece)) {
      client.send(std::string(std::min(size, piece), 'x'));
      settle();
    }
  }
  void settle() {
    while (loop.poll_round()) continue;
  }
  static bool is_closed(const Client& client) {
    char byte = 0;
    return recv(client.socket.get(), &byte, 1, MSG_DONTWAIT) == 0;
  }
  MemoryBudget& budget() { return connections.memory(); }

  Config config;
  SharedRoutes shared{routes_with_bodies(), config};
  loop::EventLoop loop;
  loop::IoContextGuest io_context{loop};
  ConnectionLimit connections{1000, [] {}, [] {}, {.most = 1024 * kibibyte}};
  SessionContext context{config, shared, connections, loop, io_context};
  std::deque<Client> clients;
};

const std::string get_root = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(Sessions, all_that_connections_hold_is_given_back_with_them) {
  for (int i = 0; i < 4; ++i) begin_body(50 * kibibyte);
  EXPECT_GE(budget().held(), 150 * kibibyte);
  clients.clear();
  settle();
  EXPECT_LT(budget().held(), 4 * kibibyte) << "less than is reported at once";
}

TEST_F(Sessions, bodies_never_hold_more_than_the_budget) {
  Client& healthy = connect();
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    Client& attacker = begin_body(60 * kibibyte);
    refused += attacker.status() == 503 ? 1 : 0;
    EXPECT_LE(budget().used(), budget().most());
    healthy.send(get_root);
    settle();
    EXPECT_EQ(healthy.status(), 200);
    if (budget().stage_after(MemoryStage::plenty) > MemoryStage::plenty) break;
  }
  for (int i = 0; i < 20; ++i) {
    Client& attacker = begin_body(60 * kibibyte);
    refused += attacker.status() == 503 ? 1 : 0;
    EXPECT_LE(budget().used(), budget().most());
  }
  EXPECT_GT(refused, 10);
}

TEST_F(Sessions, the_largest_are_closed_first) {
  std::deque<Client*> small;
  for (int i = 0; i < 9; ++i) small.push_back(&begin_body(17 * kibibyte));
  Client& large = begin_body(400 * kibibyte);
  EXPECT_EQ(context.worker.memory.stage(), MemoryStage::plenty);
  budget().report(0, 370 * kibibyte);  // another worker's connections
  context.worker.memory.on_tick(false);
  settle();
  EXPECT_EQ(large.status(), 503);
  for (Client* const client : small) EXPECT_EQ(client->read(), "");
  EXPECT_EQ(context.worker.counters.read().closed_by(CloseReason::memory), 1U);
}

/// The budget counts what the kernel holds, so this takes TCP.
TEST_F(Sessions, an_idle_one_whose_peer_does_not_read_is_closed_without_another_response) {
  const system::Descriptor listening = system::open_tcp_socket(false);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(listening.get(), generic, size), 0);
  ASSERT_EQ(listen(listening.get(), 1), 0);
  ASSERT_EQ(getsockname(listening.get(), generic, &size), 0);
  const Client client{system::open_tcp_socket(false)};
  ASSERT_EQ(::connect(client.socket.get(), generic, size), 0);
  Session::start({.slot = connections.take(), .socket = system::accept_now(listening.get()).socket}, context);

  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  settle();
  Session::measure_some(context);
  ASSERT_GT(budget().held(), 64 * kibibyte) << "of the kernel";
  budget().report(950 * static_cast<std::int64_t>(kibibyte), 0);
  context.worker.memory.on_tick(false);
  settle();
  EXPECT_TRUE(context.worker.sessions.empty());
  EXPECT_EQ(context.worker.counters.read().rejected_for(http::Rejection::memory_short), 0U);
}

TEST_F(Sessions, each_response_is_the_last_one_while_memory_is_short_and_no_longer) {
  budget().report(800 * kibibyte, 0);
  context.worker.memory.on_tick(false);
  Client& short_lived = connect();
  short_lived.send(get_root + get_root);
  settle();
  const std::string responses = short_lived.read();
  EXPECT_NE(responses.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(responses.rfind("HTTP/1.1 "), 0U) << "one response";
  budget().report(-800 * static_cast<std::int64_t>(kibibyte), 0);
  context.worker.memory.on_tick(false);
  Client& kept = connect();
  for (int i = 0; i < 3; ++i) {
    kept.send(get_root);
    settle();
    EXPECT_EQ(kept.read().find("Connection: close"), std::string::npos);
  }
}

TEST_F(Sessions, bodies_that_have_not_come_with_their_head_are_refused_before_much_is_held) {
  budget().report(880 * kibibyte, 0);
  context.worker.memory.on_tick(false);
  for (const char* path : {"/body", "/parts"}) {
    Client& client = connect();
    client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nx");
    settle();
    const std::string response = client.read();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 503 ")) << response;
    EXPECT_NE(response.find("Retry-After: 1\r\n"), std::string::npos);
  }
  Client& whole = connect();
  whole.send("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
  settle();
  EXPECT_EQ(whole.status(), 200);
  EXPECT_EQ(context.worker.counters.read().rejected_for(http::Rejection::memory_short), 2U);
}

TEST_F(Sessions, the_memory_of_a_large_request_and_response_is_given_back_at_the_next_tick) {
  constexpr std::size_t size = 300'000;
  Client& client = connect();
  client.send("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n");
  settle();
  add_to_body(client, size);
  EXPECT_GE(context.burst.response.body().size() + context.burst.body.capacity(), size);
  context.burst.shrink();
  EXPECT_LE(context.burst.response.body().size() + context.burst.body.capacity(), 64 * kibibyte);
}

TEST_F(Sessions, none_is_accepted_when_the_budget_is_nearly_used_up) {
  EXPECT_TRUE(connections.take().is_taken());
  budget().report(1020 * kibibyte, 0);
  EXPECT_FALSE(connections.take().is_taken());
  budget().report(-200 * static_cast<std::int64_t>(kibibyte), 0);
  EXPECT_TRUE(connections.take().is_taken());
}

TEST_F(Sessions, the_one_that_waits_longest_for_a_request_makes_room) {
  for (int i = 0; i < 3; ++i) {
    connect().send(get_root);
    settle();
    loop.clock().advance();
  }
  clients.front().send(get_root);  // now the second one waits longest
  settle();
  EXPECT_TRUE(Session::make_room(context));
  for (Client& client : clients) static_cast<void>(client.read());
  EXPECT_FALSE(is_closed(clients[0]));
  EXPECT_TRUE(is_closed(clients[1]));
  EXPECT_FALSE(is_closed(clients[2]));
}

TEST_F(Sessions, one_whose_next_request_has_arrived_does_not_make_room) {
  Client& client = connect();
  client.send(get_root);
  settle();
  static_cast<void>(client.read());
  client.send(get_root);  // the loop has not read it yet
  EXPECT_FALSE(Session::make_room(context));
  settle();
  const std::string response = client.read();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 "));
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << "its end makes room";
}

TEST_F(Sessions, of_silent_ones_the_first_makes_room_but_none_that_has_sent_something) {
  Client& sending = connect();
  sending.send("GET ");
  settle();
  Client& first = connect();
  Client& second = connect();
  EXPECT_TRUE(Session::make_room(context));
  EXPECT_TRUE(is_closed(first));
  EXPECT_FALSE(is_closed(second));
  EXPECT_TRUE(Session::make_room(context));
  EXPECT_FALSE(Session::make_room(context)) << "the other one's head is under way";
  EXPECT_FALSE(is_closed(sending));
}

TEST_F(Sessions, a_body_is_refused_at_once_if_there_is_no_room_for_it) {
  budget().report(600 * kibibyte, 0);
  Client& client = connect();
  client.send("POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n");
  settle();
  EXPECT_EQ(client.status(), 503);
}

}  // namespace
}  // namespace chopin::connection
