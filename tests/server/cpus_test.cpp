#include "server/cpus.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace chopin::server {
namespace {

/// A folder that stands for the root of the file system.
class FakeRoot {
 public:
  FakeRoot() {
    std::string pattern = (std::filesystem::temp_directory_path() / "chopin-root-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~FakeRoot() { std::filesystem::remove_all(path_); }

  void write(const std::string& file, const std::string& text) const {
    const std::filesystem::path target = path_ + file;
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target) << text;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(CpuQuota, is_absent_where_no_cgroup_says_anything) {
  const FakeRoot root;
  EXPECT_EQ(cpu_quota(root.path()), SIZE_MAX);
  root.write("/proc/self/cgroup", "0::/\n");
  root.write("/sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(cpu_quota(root.path()), SIZE_MAX);
}

TEST(CpuQuota, of_version_2_is_the_smallest_on_the_way_to_the_root_and_rounded_up) {
  const FakeRoot root;
  root.write("/proc/self/cgroup", "0::/outer/inner\n");
  root.write("/sys/fs/cgroup/outer/inner/cpu.max", "400000 100000\n");
  root.write("/sys/fs/cgroup/outer/cpu.max", "150000 100000\n");
  EXPECT_EQ(cpu_quota(root.path()), 2U);
}

TEST(CpuQuota, of_version_1_is_read_from_the_cpu_controller) {
  const FakeRoot root;
  root.write("/proc/self/cgroup", "4:memory:/x\n2:cpu,cpuacct:/y\n");
  root.write("/sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "300000\n");
  root.write("/sys/fs/cgroup/cpu/y/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root.path()), 3U);
  root.write("/sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(cpu_quota(root.path()), SIZE_MAX);
}

TEST(Cpus, pinning_leaves_a_thread_the_one_cpu) {
  const auto allowed = allowed_cpus();
  ASSERT_FALSE(allowed.empty());
  std::thread([&] {
    ASSERT_TRUE(pin_this_thread(allowed.back()));
    EXPECT_EQ(allowed_cpus(), std::vector<unsigned>{allowed.back()});
  }).join();
}

TEST(Cpus, there_is_always_a_worker) {
  EXPECT_GE(default_worker_count(), 1U);
  EXPECT_LE(default_worker_count(), allowed_cpus().size());
}

}  // namespace
}  // namespace chopin::server
