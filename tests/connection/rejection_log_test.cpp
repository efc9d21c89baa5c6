#include "connection/rejection_log.hpp"

#include <string>

#include <gtest/gtest.h>

#include "harness/log_collector.hpp"
#include "log/writer.hpp"

namespace chopin::connection {
namespace {

struct Rejections : testing::Test {
  void refuse(Environment environment, LogLevel least, int count) {
    log::OpenLog open(least, LogFormat::text, collector.sink());
    open.start();
    RejectionLog rejections(open.log(), environment);
    for (int i = 0; i < count; ++i) rejections.write(http::Rejection::head_too_large, client);
  }

  const Peer client = *Peer::parse("::1", 7);
  test::LogCollector collector;
};

TEST_F(Rejections, are_logged_at_debug_with_status_reason_and_peer) {
  refuse(Environment::development, LogLevel::debug, 30);
  EXPECT_EQ(collector.count("debug refused status=431 reason=head_too_large peer=[::1]:7"), 30U);
}

TEST_F(Rejections, are_not_logged_at_a_higher_level_in_development) {
  refuse(Environment::development, LogLevel::info, 1);
  EXPECT_EQ(collector.lines().size(), 0U);
}

TEST_F(Rejections, are_logged_at_warn_in_production_but_not_all_of_a_flood) {
  refuse(Environment::production, LogLevel::warn, 1000);
  const std::size_t lines = collector.count("warn refused status=431");
  EXPECT_GE(lines, RejectionLog::most_per_second);
  EXPECT_LE(lines, 3 * RejectionLog::most_per_second);  // the clock may have passed a second or two
}

}  // namespace
}  // namespace chopin::connection
