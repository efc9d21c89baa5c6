#include "connection/counters.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::connection {
namespace {

TEST(Counters, can_be_read_by_another_thread_while_they_are_written) {
  WorkerCounters counters;
  constexpr std::uint64_t count = 100'000;
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < count; ++i) {
      ++counters.requests;
      counters.count(CloseReason::drained);
    }
  });
  std::uint64_t last = 0;
  while (last < count) {
    const Counters read = counters.read();
    EXPECT_GE(read.requests, last);
    last = read.requests;
  }
  writer.join();
  EXPECT_EQ(counters.read().closed_by(CloseReason::drained), count);
}

TEST(Counters, of_several_workers_add_up) {
  WorkerCounters one;
  WorkerCounters other;
  one.count(http::Rejection::host_missing);
  other.count(http::Rejection::host_missing);
  other.count(http::Rejection::version_unsupported);
  Counters sum = one.read();
  sum += other.read();
  EXPECT_EQ(sum.rejected_for(http::Rejection::host_missing), 2U);
  EXPECT_EQ(sum.rejected_for(http::Rejection::version_unsupported), 1U);
  EXPECT_EQ(sum.rejected_for(http::Rejection::line_ending), 0U);
}

TEST(Counters, of_a_server_can_be_read_while_it_serves) {
  Config config = test::test_config();
  config.workers = 3;
  test::LiveServer server(config);
  test::RawClient client(server.port());
  for (std::uint64_t i = 1; i <= 20; ++i) {
    client.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_response();
    EXPECT_EQ(server.counters().requests, i);
  }
  test::ask(server.port(), "GET /json HTTP/1.1\r\n\r\n");
  EXPECT_EQ(server.counters().rejected_for(http::Rejection::host_missing), 1U);
}

}  // namespace
}  // namespace chopin::connection
