#include "chopin/server.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <pthread.h>
#include <semaphore>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/forked_server.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

const std::string get_quick = test::get("/quick");
const std::string blocking_request = "GET /block HTTP/1.1\r\nHost: h\r\n\r\n";

/// Let go of the handlers that block.
std::counting_semaphore<> release{0};  // NOLINT(*-avoid-non-const-global-variables)

/// `/quick`, which says what thread it is on, and `/block`, whose handler writes a line to stderr and waits
/// until it is released.
Router blocking_routes() {
  Router router;
  router.get("/quick", [](const Request&, chopin::Response& response) {
    response.text(std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id())));
  });
  router.get("/block", [](const Request&, chopin::Response& response) {
    std::cerr << "the handler blocks\n";
    release.acquire();
    response.text("released");
  });
  return router;
}

Config config_for(Mode mode, std::chrono::milliseconds drain) {
  Config config = test_config();
  config.mode = mode;
  config.workers = 2;
  config.log_level = LogLevel::info;
  config.timeouts.drain = drain;
  return config;
}

sigset_t only(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  return set;
}

/// For `wait_for` in the child, on every thread.
void block(int number) {
  const sigset_t set = only(number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void wait_for(int number) {
  const sigset_t set = only(number);
  int received = 0;
  sigwait(&set, &received);
}

/// Connections that have been served, some by each of two workers, and one whose handler blocks.
struct Clients {
  explicit Clients(const ForkedServer& server) : blocked(server.port()) {
    std::set<std::string> workers;
    EXPECT_TRUE(eventually([&] {
      kept.emplace_back(server.port()).send(get_quick);
      workers.insert(kept.back().read_response().body);
      return workers.size() == 2;
    }));
    blocked.send(blocking_request);
    EXPECT_TRUE(server.writes("the handler blocks"));
  }

  RawClient blocked;
  std::vector<RawClient> kept;
};

class BlockedWorker : public testing::TestWithParam<Mode> {};

TEST_P(BlockedWorker, keeps_no_other_from_draining_and_no_socket_listening) {
  ForkedServer server(config_for(GetParam(), 1h), blocking_routes(), run_until_signalled);
  Clients clients(server);
  server.signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return !accepts(server.port()); }));
  EXPECT_TRUE(eventually([&] {
    for (RawClient& client : clients.kept) {
      if (!client.is_silent_for(0ms)) return true;
    }
    return false;
  })) << "the other worker closes its connections";
}

TEST_P(BlockedWorker, is_given_up_when_the_drain_timeout_and_two_seconds_are_over) {
  ForkedServer server(config_for(GetParam(), 500ms), blocking_routes(), run_until_signalled);
  const Clients clients(server);
  const auto begin = std::chrono::steady_clock::now();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 1);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 2500ms);
  EXPECT_NE(server.err().find("served requests=" + std::to_string(clients.kept.size())), std::string::npos)
      << server.err();
  EXPECT_NE(server.err().find("handlers still run on=\"worker "), std::string::npos) << server.err();
}

TEST_P(BlockedWorker, does_not_survive_the_second_wish_to_stop) {
  for (const bool ends_at_the_bound : {false, true}) {
    const auto serve = [&](Server& server, const std::function<void()>& on_ready) {
      if (ends_at_the_bound) return run_until_signalled(server, on_ready);
      server.run(on_ready);
      return 3;  // and its destructor would wait
    };
    ForkedServer server(config_for(GetParam(), 1h), blocking_routes(), serve);
    const Clients clients(server);
    EXPECT_TRUE(signal_until_it_logs(server, SIGINT, "stopping at once"));
    EXPECT_EQ(server.wait(), 1);
    EXPECT_NE(server.err().find("handlers still run on=\"worker "), std::string::npos) << server.err();
  }
}

TEST_P(BlockedWorker, makes_stop_return_false_and_the_destructor_wait_and_say_so) {
  const auto stop = [](Server& server, const std::function<void()>& on_ready) {
    server.start();
    on_ready();
    wait_for(SIGUSR1);
    std::cerr << (server.stop() ? "stopped\n" : "stop has returned false\n");
    std::thread([] {
      wait_for(SIGUSR1);
      release.release();
    }).detach();
    return 0;
  };
  block(SIGUSR1);
  ForkedServer server(config_for(GetParam(), 1ms), blocking_routes(), stop);
  const Clients clients(server);
  server.signal(SIGUSR1);
  EXPECT_TRUE(server.writes("the server waits for handlers that still run on=\"worker ")) << server.err();
  EXPECT_NE(server.err().find("stop has returned false"), std::string::npos) << server.err();
  server.signal(SIGUSR1);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.err().find("the last handler has returned"), std::string::npos) << server.err();
}

INSTANTIATE_TEST_SUITE_P(Modes, BlockedWorker, testing::Values(Mode::standard, Mode::performance));

TEST(Server, stop_returns_true_when_all_is_finished) {
  Server server(config_for(Mode::performance, 1h), blocking_routes());
  server.start();
  RawClient client(server.port());
  client.send(get_quick);
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_TRUE(server.stop());
}

}  // namespace
}  // namespace chopin::test
