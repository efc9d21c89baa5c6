#include <csignal>
#include <pthread.h>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"

namespace chopin::test {
namespace {

ProcessOptions options(std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"--port", "0", "--workers", "2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return {.arguments = std::move(arguments)};
}

/// A request of which the server has read the head and half the body.
class HalfUpload {
 public:
  explicit HalfUpload(std::uint16_t port) : client_(port) {
    client_.send(
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\n"
        "Content-Length: 10\r\n\r\n");
    client_.read_exactly(std::string_view("HTTP/1.1 100 Continue\r\n\r\n").size());
    client_.send("hello");
  }

  /// Whether it is responded to once its second half is sent.
  bool completes() {
    client_.send("world");
    const bool is_whole = client_.read_response().body == "helloworld";
    client_.shutdown_send();  // else the server lingers for it
    return is_whole;
  }

 private:
  RawClient client_;
};

bool has_logged(const ServerProcess& server, const std::string& text) {
  return eventually([&] { return server.err().find(text) != std::string::npos; });
}

/// Ends the server, whose request must be completed first.
void expect_drained(ServerProcess& server, HalfUpload& upload) {
  EXPECT_TRUE(has_logged(server, "stopping: "));
  EXPECT_TRUE(upload.completes());
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.err().find("served requests=1"), std::string::npos) << server.err();
}

class StopSignal : public testing::TestWithParam<int> {};

TEST_P(StopSignal, lets_requests_in_flight_finish) {
  ServerProcess server(options());
  HalfUpload upload(server.port());
  server.signal(GetParam());
  expect_drained(server, upload);
}

TEST_P(StopSignal, lets_requests_in_flight_finish_on_process_1) {
  if (!may_be_process_1()) GTEST_SKIP() << "namespaces of process ids are not permitted here";
  ProcessOptions first = options();
  first.as_process_1 = true;
  ServerProcess server(first);
  HalfUpload upload(server.port());
  server.signal(GetParam());
  expect_drained(server, upload);
}

INSTANTIATE_TEST_SUITE_P(Signals, StopSignal, testing::Values(SIGINT, SIGTERM, SIGQUIT, SIGHUP));

class OtherSignal : public testing::TestWithParam<int> {};

TEST_P(OtherSignal, does_no_harm) {
  for (const bool as_process_1 : {false, true}) {
    if (as_process_1 && !may_be_process_1()) continue;
    ProcessOptions either = options();
    either.as_process_1 = as_process_1;
    ServerProcess server(either);
    HalfUpload upload(server.port());
    server.signal(GetParam());
    server.signal(SIGTERM);
    expect_drained(server, upload);
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, OtherSignal, testing::Values(SIGPIPE, SIGUSR1, SIGUSR2));

TEST(Stopping, hangup_that_is_ignored_at_the_start_stays_ignored) {
  ProcessOptions nohup = options();
  nohup.before_exec = [] { std::signal(SIGHUP, SIG_IGN); };
  ServerProcess server(nohup);
  HalfUpload upload(server.port());
  server.signal(SIGHUP);
  EXPECT_TRUE(upload.completes());
  EXPECT_EQ(server.err().find("stopping: "), std::string::npos) << server.err();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

TEST(Stopping, interrupts_that_are_ignored_at_the_start_stop_it_all_the_same) {
  ProcessOptions background = options();
  background.before_exec = [] { std::signal(SIGINT, SIG_IGN); };
  ServerProcess server(background);
  HalfUpload upload(server.port());
  server.signal(SIGINT);
  expect_drained(server, upload);
}

TEST(Stopping, signals_that_the_parent_has_blocked_stop_it_all_the_same) {
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) {
    ProcessOptions blocked = options();
    blocked.before_exec = [] {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
    };
    ServerProcess server(blocked);
    HalfUpload upload(server.port());
    server.signal(number);
    expect_drained(server, upload);
  }
}

TEST(Stopping, a_signal_that_comes_before_the_server_runs_stops_it) {
  ProcessOptions early = options();
  early.before_exec = [] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    raise(SIGTERM);
  };
  const ProcessResult result = run_to_end(early);
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.err.find("stopping: "), std::string::npos) << result.err;
}

TEST(Stopping, two_signals_of_one_stop_count_once) {
  for (const int second : {SIGTERM, SIGINT, SIGHUP}) {
    ServerProcess server(options());
    HalfUpload upload(server.port());
    server.signal(SIGTERM);
    EXPECT_TRUE(has_logged(server, "stopping: "));
    server.signal(second);
    expect_drained(server, upload);
    EXPECT_EQ(server.err().find("stopping at once"), std::string::npos) << server.err();
  }
}

TEST(Stopping, a_later_signal_cuts_what_is_in_flight) {
  ServerProcess server(options({"--drain-timeout", "1h", "--header-timeout", "1h"}));
  HalfUpload upload(server.port());
  EXPECT_TRUE(signal_until_it_logs(server, SIGTERM, "stopping at once"));
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.err().find("connections were cut with a request in flight connections=1"),
            std::string::npos)
      << server.err();
}

}  // namespace
}  // namespace chopin::test
