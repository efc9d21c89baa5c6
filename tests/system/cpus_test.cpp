#include "system/cpus.hpp"

#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/temporary_folder.hpp"

namespace chopin::system {
namespace {

using test::TemporaryFolder;

TEST(CpuQuota, is_absent_if_no_cgroup_sets_one) {
  const TemporaryFolder root;
  EXPECT_EQ(cpu_quota(root.path()).cpus, std::nullopt);
  root.write("/proc/self/cgroup", "0::/\n");
  root.write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(cpu_quota(root.path()).cpus, std::nullopt);
}

TEST(CpuQuota, of_version_2_is_the_smallest_up_to_the_root) {
  const TemporaryFolder root;
  root.write("/proc/self/cgroup", "0::/outer/inner\n");
  root.write("/sys/fs/cgroup/outer/inner/cpu.max", "400000 100000\n");
  root.write("/sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
  EXPECT_EQ(cpu_quota(root.path()).cpus, 1.5);
  EXPECT_EQ(cpu_quota(root.path()).file, "/sys/fs/cgroup/outer/cpu.max");
}

TEST(CpuQuota, of_version_1_is_read_from_the_cpu_controller) {
  const TemporaryFolder root;
  root.write("/proc/self/cgroup", "4:memory:/x\n2:cpu,cpuacct:/y\n");
  root.write("/sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "300000\n");
  root.write("/sys/fs/cgroup/cpu/y/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root.path()).cpus, 3);
  EXPECT_EQ(cpu_quota(root.path()).file, "/sys/fs/cgroup/cpu/y/cpu.cfs_quota_us");
  root.write("/sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(cpu_quota(root.path()).cpus, std::nullopt);
}

TEST(CpuQuota, names_a_file_that_it_cannot_parse) {
  const TemporaryFolder root;
  root.write("/proc/self/cgroup", "0::/outer/inner\n");
  root.write("/sys/fs/cgroup/outer/inner/cpu.max", "200000 100000\n");
  EXPECT_EQ(cpu_quota(root.path()).malformed, "");
  for (const char* odd : {"", "plenty 100000\n", "100000\n", "100000 0\n"}) {
    root.write("/sys/fs/cgroup/outer/cpu.max", odd);
    EXPECT_EQ(cpu_quota(root.path()).malformed, "/sys/fs/cgroup/outer/cpu.max") << odd;
    EXPECT_EQ(cpu_quota(root.path()).cpus, 2) << odd;
  }
}

TEST(Cpus, a_pinned_thread_may_use_one_cpu_only) {
  const auto allowed = allowed_cpus();
  ASSERT_FALSE(allowed.empty());
  std::thread([&] {
    ASSERT_TRUE(pin_this_thread(allowed.back()));
    EXPECT_EQ(allowed_cpus(), std::vector<unsigned>{allowed.back()});
  }).join();
}

TEST(Cpus, the_default_is_at_least_one_worker_and_at_most_one_for_each_cpu) {
  EXPECT_GE(worker_count_of({}), 1U);
  EXPECT_LE(worker_count_of({}), allowed_cpus().size());
}

TEST(Cpus, workers_are_pinned_by_default_only_in_performance_mode_with_one_for_each_cpu_and_no_quota) {
  const std::vector<unsigned> allowed{2, 5};
  Config config;
  EXPECT_TRUE(cpus_of_workers(config, 2, allowed, {}).empty());
  config.mode = Mode::performance;
  EXPECT_EQ(cpus_of_workers(config, 2, allowed, {}), allowed);
  EXPECT_TRUE(cpus_of_workers(config, 1, allowed, {}).empty());
  EXPECT_TRUE(cpus_of_workers(config, 3, allowed, {}).empty());
  EXPECT_TRUE(cpus_of_workers(config, 2, allowed, {.cpus = 2.0, .file = "cpu.max", .malformed = ""}).empty());
}

TEST(Cpus, the_setting_decides_whether_workers_are_pinned) {
  Config config;
  config.pin_cpus = true;
  EXPECT_EQ(cpus_of_workers(config, 3, {2, 5}, {.cpus = 0.5, .file = "cpu.max", .malformed = ""}),
            (std::vector<unsigned>{2, 5, 2}));
  config.mode = Mode::performance;
  config.pin_cpus = false;
  EXPECT_TRUE(cpus_of_workers(config, 2, {2, 5}, {}).empty());
}

TEST(Cpus, the_setting_decides_the_number_of_workers) {
  Config config;
  config.workers = 1000;
  EXPECT_EQ(worker_count_of(config), 1000U);
}

}  // namespace
}  // namespace chopin::system
