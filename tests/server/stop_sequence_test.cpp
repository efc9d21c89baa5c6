#include "server/stop_sequence.hpp"

#include <chrono>
#include <latch>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::server {
namespace {

using namespace std::chrono_literals;

/// A launcher whose worker is blocked by a handler as long as this exists.
class BlockedLauncher {
 public:
  BlockedLauncher() : launcher_(config(), router()) {
    launcher_.start();
    client_.emplace(launcher_.endpoint().port());
    client_->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    blocked_.wait();
  }
  ~BlockedLauncher() { may_return_.count_down(); }
  BlockedLauncher(const BlockedLauncher&) = delete;
  BlockedLauncher& operator=(const BlockedLauncher&) = delete;

  Launcher& operator*() noexcept { return launcher_; }

 private:
  static Config config() {
    Config config = test::test_config();
    config.workers = 1;
    config.timeouts.drain = 1s;
    return config;
  }
  Router router() {
    Router router;
    router.get("/", [this](const Request&, Response&) {
      blocked_.count_down();
      may_return_.wait();
    });
    return router;
  }

  std::latch blocked_{1};
  std::latch may_return_{1};
  Launcher launcher_;
  std::optional<test::RawClient> client_;
};

TEST(StopSequence, gives_up_on_a_handler_two_seconds_after_the_drain_timeout) {
  BlockedLauncher launcher;
  StopSequence sequence(*launcher);
  const StopSequence::TimePoint start{1h};
  EXPECT_EQ(sequence.advance(start), StopState::serving);
  sequence.wish(start);
  EXPECT_EQ(sequence.next_step(), start + 200ms);
  EXPECT_EQ(sequence.advance(start + 200ms), StopState::stopping);
  EXPECT_EQ(sequence.next_step(), start + 3s);
  EXPECT_EQ(sequence.advance(start + 2999ms), StopState::stopping);
  EXPECT_EQ(sequence.advance(start + 3s), StopState::overdue);
}

TEST(StopSequence, does_not_count_the_time_in_which_the_process_stood_still) {
  BlockedLauncher launcher;
  StopSequence sequence(*launcher);
  const StopSequence::TimePoint start{1h};
  sequence.wish(start);
  EXPECT_EQ(sequence.advance(start + 1min), StopState::stopping) << "stopped before the first step";
  EXPECT_EQ(sequence.next_step(), start + 1min + 200ms);
  EXPECT_EQ(sequence.advance(sequence.next_step()), StopState::stopping);
  EXPECT_EQ(sequence.advance(start + 2min), StopState::stopping) << "stopped before the last step";
  EXPECT_EQ(sequence.next_step(), start + 2min + 3s);
  sequence.wish(start + 2min + 1s);
  EXPECT_EQ(sequence.advance(start + 3min), StopState::stopping) << "stopped after the second wish";
  EXPECT_EQ(sequence.next_step(), start + 3min + 1s);
  EXPECT_EQ(sequence.advance(sequence.next_step()), StopState::hurried);
}

}  // namespace
}  // namespace chopin::server
