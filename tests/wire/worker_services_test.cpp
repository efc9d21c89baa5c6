#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

/// What has happened to all services of a test.
struct Story {
  std::atomic<int> made = 0;
  std::atomic<int> started = 0;
  std::atomic<int> drained = 0;
  std::atomic<int> ended = 0;
};

/// Counts the requests of its worker, on its worker's thread only.
class Tally {
 public:
  explicit Tally(Story& story) : story_(story) { ++story_.made; }
  ~Tally() {
    EXPECT_EQ(std::this_thread::get_id(), thread_);
    ++story_.ended;
  }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  void start() { ++story_.started; }
  void drain() { ++story_.drained; }
  int count() {
    EXPECT_EQ(std::this_thread::get_id(), thread_);
    return ++count_;
  }

 private:
  Story& story_;
  const std::thread::id thread_ = std::this_thread::get_id();
  int count_ = 0;
};

Router tallying(Story& story) {
  Router router;
  router.per_worker<Tally>([&](const WorkerScope& scope) {
    EXPECT_LT(scope.index, scope.workers);
    return std::make_unique<Tally>(story);
  });
  router.get("/", [](const chopin::Request& request, chopin::Response& response) {
    response.text(std::to_string(request.worker<Tally>().count()));
  });
  return router;
}

TEST(WorkerServices, live_on_their_workers_thread_from_before_it_accepts_until_after_its_last_connection) {
  Story story;
  Config config = test_config();
  config.workers = 3;
  LiveServer server(config, tallying(story));
  EXPECT_EQ(story.made, 3);
  EXPECT_EQ(story.started, 3);
  RawClient client(server.port());
  for (int i = 1; i <= 5; ++i) {
    client.send(get("/"));
    EXPECT_EQ(client.read_response().body, std::to_string(i));
  }
  EXPECT_EQ(story.drained, 0);
  server.stop();
  EXPECT_EQ(story.drained, 3);
  EXPECT_EQ(story.ended, 3);
}

TEST(WorkerServices, are_told_of_the_drain_while_requests_are_in_flight) {
  Story story;
  Router router = tallying(story);
  router.get("/wait", [&](const chopin::Request& request, chopin::Response& response) -> Task<> {
    while (story.drained == 0) co_await sleep_for(std::chrono::milliseconds(1));
    response.text(std::to_string(request.worker<Tally>().count()) + " " + std::to_string(story.ended));
  });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return server.counters().connections == 1; }));
  server.drain();
  EXPECT_EQ(client.read_response().body, "1 0");
  server.join();
  EXPECT_EQ(story.ended, 1);
}

TEST(WorkerServices, end_after_the_coroutines_that_may_use_them) {
  Story story;
  std::atomic<int> counted = 0;
  Router router = tallying(story);
  router.get("/wait", [&](const chopin::Request& request, chopin::Response&) -> Task<> {
    Tally& tally = request.worker<Tally>();
    const std::shared_ptr<void> at_the_end(nullptr, [&](void*) { counted = tally.count(); });
    for (;;) co_await sleep_for(std::chrono::hours(1));
  });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_response().status, 200);
  client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(ask(server.port(), get("/")).body, "2");
  server.stop();
  EXPECT_EQ(counted, 3);
}

/// Ends when another worker's connections have.
struct Patient {
  std::atomic<bool>& may;
  std::atomic<int>& asked;

  [[nodiscard]] bool may_end() const {
    ++asked;
    return may;
  }
};

Router with_patient(std::atomic<bool>& may, std::atomic<int>& asked) {
  Router router;
  router.per_worker<Patient>([&](const WorkerScope&) { return Patient{may, asked}; });
  router.get("/", [](const chopin::Request&, chopin::Response& response) { response.text("served"); });
  return router;
}

TEST(WorkerServices, keep_their_worker_until_they_may_end) {
  std::atomic<bool> may = false;
  std::atomic<int> asked = 0;
  LiveServer server(test_config(), with_patient(may, asked));
  EXPECT_EQ(ask(server.port(), get("/")).body, "served");
  EXPECT_EQ(asked, 0);
  server.drain();
  EXPECT_TRUE(eventually([&] { return asked > 0; }));
  may = true;  // the next round notices
  server.join();
}

TEST(WorkerServices, that_may_not_end_end_at_the_drain_timeout) {
  std::atomic<bool> may = false;
  std::atomic<int> asked = 0;
  Config config = test_config();
  config.timeouts.drain = std::chrono::milliseconds(1);
  LiveServer server(config, with_patient(may, asked));
  server.drain();
  server.join();
  EXPECT_GT(asked, 0);
}

struct Small {
  int value = 7;
};

struct OnTop {
  Small& small;
};

TEST(WorkerServices, may_be_values_and_stand_on_earlier_ones) {
  Router router;
  router.per_worker<Small>([](const WorkerScope&) { return Small{}; });
  router.per_worker<OnTop>([](const WorkerScope& scope) { return OnTop{scope.services.get<Small>()}; });
  router.get("/", [](const chopin::Request& request, chopin::Response& response) {
    response.text(std::to_string(request.worker<OnTop>().small.value));
  });
  EXPECT_THROW(router.per_worker<Small>([](const WorkerScope&) { return Small{}; }), std::invalid_argument);
  const LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/")).body, "7");
}

TEST(WorkerServices, that_are_not_there_are_named_in_the_exception) {
  Router router;
  router.get("/", [](const chopin::Request& request, chopin::Response& response) {
    try {
      response.text(std::to_string(request.worker<Small>().value));
    } catch (const std::out_of_range& error) {
      response.text(error.what());
    }
  });
  const LiveServer server(test_config(), std::move(router));
  EXPECT_NE(ask(server.port(), get("/")).body.find("Small"), std::string::npos);
}

TEST(WorkerServices, that_cannot_be_made_or_started_stop_the_start_of_the_server) {
  struct Stubborn {
    void start() { throw std::runtime_error("not today"); }
  };
  Router router;
  router.per_worker<Stubborn>([](const WorkerScope&) { return Stubborn{}; });
  EXPECT_THROW(LiveServer(test_config(), std::move(router)), std::runtime_error);
  Router null;
  null.per_worker<Small>([](const WorkerScope&) { return std::unique_ptr<Small>(); });
  EXPECT_THROW(LiveServer(test_config(), std::move(null)), std::invalid_argument);
}

}  // namespace
}  // namespace chopin::test
