#include "doctor/facts.hpp"

#include <cstdint>
#include <fstream>
#include <linux/capability.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "system/cpus.hpp"

namespace chopin::doctor {
namespace {

TEST(Facts, describe_this_process_and_the_settings) {
  Config config;
  config.workers = 7;
  const Facts facts = gather_facts(config, {{"--workers", "7"}}, "some allocator");
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_TRUE(facts.open_files.has_value());
  EXPECT_EQ(facts.open_files->soft, limit.rlim_cur);
  EXPECT_EQ(facts.open_files->hard, limit.rlim_max);
  EXPECT_EQ(facts.is_root, geteuid() == 0);
  EXPECT_EQ(facts.cpus, system::allowed_cpus());
  EXPECT_EQ(facts.flags, (cli::Flags{{"--workers", "7"}}));
  EXPECT_EQ(facts.workers, 7U);
  EXPECT_EQ(facts.shared_port_fault, "") << "the server's tests share ports on this machine";
  EXPECT_EQ(facts.build.allocator, "some allocator");
}

TEST(Facts, say_whether_the_hard_limits_may_be_raised) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != "CapEff:") continue;
  std::uint64_t capabilities = 0;
  ASSERT_TRUE(status >> std::hex >> capabilities);
  EXPECT_EQ(gather_facts({}, {}, "").may_raise_hard_limits, ((capabilities >> CAP_SYS_RESOURCE) & 1U) != 0);
}

TEST(Facts, want_max_connections_or_those_of_the_benchmarks) {
  Facts facts;
  EXPECT_EQ(facts.connections_wanted(), 10'000U);
  facts.config.max_connections = 5;
  EXPECT_EQ(facts.connections_wanted(), 5U);
}

}  // namespace
}  // namespace chopin::doctor
