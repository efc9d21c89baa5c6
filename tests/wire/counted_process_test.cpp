#include "harness/counted_process.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

#ifdef CHOPIN_COUNTING_PRELOAD

std::string burst_of(int count) {
  std::string burst;
  for (int i = 0; i < count; ++i)
    burst += i % 2 == 0 ? get_json : "GET /plaintext?q HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
  return burst;
}

TEST_F(CountedProcess, ten_thousand_requests_take_no_memory_from_the_heap) {
  RawClient client(server_.port());
  exchange_bursts(client, get_json, 1, 100);
  exchange_bursts(client, burst_of(16), 16, 10);
  EXPECT_GT(counts_->allocations, 0U) << "the server's allocations are not counted";
  const std::uint64_t warm = counts_->allocations;
  exchange_bursts(client, get_json, 1, 10'000);
  EXPECT_EQ(counts_->allocations - warm, 0U) << "plain";
  exchange_bursts(client, burst_of(16), 16, 625);
  EXPECT_EQ(counts_->allocations - warm, 0U) << "pipelined";
}

struct Composing {
  std::vector<std::string> arguments;
  std::string path;
};

std::ostream& operator<<(std::ostream& out, const Composing& composing) {
  return out << composing.path << " in " << composing.arguments[1];
}

class ComposingProcess : public CountedProcess, public testing::WithParamInterface<Composing> {
 protected:
  ComposingProcess() : CountedProcess(GetParam().arguments) {}
};

const std::vector<std::string> prebuilt_flags{"--mode", "performance", "--environment", "production"};
const std::vector<std::string> composed_flags{"--mode",     "performance",   "--environment",
                                              "production", "--fast-routes", "composed"};
const std::vector<std::string> standard_flags{"--mode", "standard", "--environment", "production"};

INSTANTIATE_TEST_SUITE_P(Runtimes, ComposingProcess,
                         testing::Values(Composing{prebuilt_flags, "/"}, Composing{composed_flags, "/"},
                                         Composing{composed_flags, "/json"},
                                         Composing{composed_flags, "/plaintext"},
                                         Composing{standard_flags, "/"}, Composing{standard_flags, "/json"},
                                         Composing{standard_flags, "/plaintext"}));

TEST_P(ComposingProcess, ten_thousand_requests_take_no_memory_from_the_heap) {
  RawClient client(server_.port());
  const std::string one = "GET " + GetParam().path + " HTTP/1.1\r\nHost: h\r\n\r\n";
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += one;
  exchange_bursts(client, one, 1, 100);
  exchange_bursts(client, sixteen, 16, 10);
  EXPECT_GT(counts_->allocations, 0U) << "the server's allocations are not counted";
  const std::uint64_t warm = counts_->allocations;
  exchange_bursts(client, one, 1, 10'000);
  EXPECT_EQ(counts_->allocations - warm, 0U) << "plain";
  exchange_bursts(client, sixteen, 16, 625);
  EXPECT_EQ(counts_->allocations - warm, 0U) << "pipelined";
}

TEST_F(CountedProcess, a_burst_takes_one_read_and_one_write) {
  RawClient client(server_.port());
  exchange_bursts(client, get_json, 1, 1);
  for (const int depth : {1, 16, 64}) {
    const std::uint64_t reads = counts_->reads;
    const std::uint64_t writes = counts_->writes;
    exchange_bursts(client, burst_of(depth), depth, 100);
    EXPECT_EQ(counts_->reads - reads, 100U) << depth;
    EXPECT_EQ(counts_->writes - writes, 100U) << depth;
  }
}

TEST_F(CountedProcess, out_of_memory_in_a_burst_no_response_goes_to_another_client) {
  RawClient unlucky(server_.port());
  RawClient other(server_.port());
  exchange_bursts(unlucky, get_json, 1, 1);
  exchange_bursts(other, get_json, 1, 1);
  counts_->fail_next_allocation = true;  // for the state of an unfinished body
  unlucky.send(
      "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\nPOST /json HTTP/1.1\r\nHost: h\r\nContent-Length: "
      "9\r\n\r\nab");
  while (counts_->fail_next_allocation) std::this_thread::sleep_for(1ms);
  other.send(get_json);
  EXPECT_EQ(other.read_response().body, R"({"message":"Hello, World!"})");
  EXPECT_TRUE(other.is_silent_for(20ms));
}

TEST_F(CountedProcess, goes_on_accepting_after_an_error_of_one_connection) {
  const std::uint16_t port = server_.port();
  for (const int error : {ECONNABORTED, ECONNRESET, EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ENONET,
                          ENOPROTOOPT, EOPNOTSUPP, EPERM, EPROTO, ETIMEDOUT, EINTR}) {
    counts_->next_accept_error = error;
    EXPECT_EQ(ask(port, get_json).status, 200);
    EXPECT_EQ(counts_->next_accept_error, 0);
  }
  EXPECT_EQ(server_.err().find("accepting pauses"), std::string::npos) << server_.err();
  counts_->next_accept_error = ENOBUFS;
  EXPECT_EQ(ask(port, get_json).status, 200) << "at the next tick";
  server_.signal(SIGTERM);
  EXPECT_EQ(server_.wait(), 0);
  EXPECT_NE(server_.err().find("accepting pauses error=\"No buffer space available\""), std::string::npos)
      << server_.err();
}

TEST_F(CountedProcess, names_the_call_that_fails_for_a_new_connection) {
  const std::uint16_t port = server_.port();
  counts_->next_watch_error = ENOSPC;
  EXPECT_EQ(RawClient(port).read_to_end(), "");
  EXPECT_EQ(ask(port, get_json).status, 200) << "at the next tick";
  server_.signal(SIGTERM);
  EXPECT_EQ(server_.wait(), 0);
  EXPECT_NE(server_.err().find("accepting pauses error=\"epoll_ctl: No space left on device\""),
            std::string::npos)
      << server_.err();
}

/// Whether a process has a thread of this name.
bool has_thread(pid_t process, const std::string& name) {
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream file(thread.path() / "comm");
    std::string found;
    if (std::getline(file, found) && found == name) return true;
  }
  return false;
}

TEST_F(CountedProcess, a_stop_ends_whichever_allocation_fails) {
  for (int which = 1; which <= 30; ++which) {
    ServerProcess server(options({}));
    server.port();
    ASSERT_TRUE(eventually([&] { return has_thread(server.pid(), "log"); }));  // the last step of the start
    RawClient half(server.port());
    half.send(get_json + "GET /js");
    EXPECT_EQ(half.read_response().status, 200);
    counts_->allocation_to_fail = which;
    server.signal(SIGTERM);
    half.reset();
    EXPECT_EQ(server.wait(), 0) << which << server.err();
    counts_->allocation_to_fail = 0;
  }
}

TEST_F(CountedProcess, out_of_memory_for_a_connection_the_next_one_is_served) {
  const std::uint16_t port = server_.port();
  for (int i = 0; i < 3; ++i) {
    exchange(port, "GET /json HTTP/1.0\r\n\r\n");
    counts_->fail_next_allocation = true;
    RawClient unlucky(port);
    while (counts_->fail_next_allocation) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(ask(port, get_json).status, 200);
  }
}

#endif

}  // namespace
}  // namespace chopin::test
