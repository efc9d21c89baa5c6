#include "system/memory.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "harness/temporary_folder.hpp"

namespace chopin::system {
namespace {

using test::TemporaryFolder;

TEST(MemoryLimit, is_the_memory_of_the_machine_if_no_cgroup_sets_one) {
  const TemporaryFolder root;
  const std::uint64_t machine = memory_limit(root.path());
  EXPECT_GT(machine, std::uint64_t{64} << 20U);
  root.write("/proc/self/cgroup", "0::/a\n");
  root.write("/sys/fs/cgroup/a/memory.max", "max\n");
  EXPECT_EQ(memory_limit(root.path()), machine);
}

TEST(MemoryLimit, of_version_2_is_the_smallest_up_to_the_root) {
  const TemporaryFolder root;
  root.write("/proc/self/cgroup", "0::/outer/inner\n");
  root.write("/sys/fs/cgroup/outer/inner/memory.max", "134217728\n");
  root.write("/sys/fs/cgroup/outer/memory.max", "67108864\n");
  EXPECT_EQ(memory_limit(root.path()), 67108864U);
}

TEST(MemoryLimit, of_version_1_is_read_from_the_memory_controller) {
  const TemporaryFolder root;
  root.write("/proc/self/cgroup", "4:memory:/x\n2:cpu,cpuacct:/y\n");
  root.write("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "268435456\n");
  EXPECT_EQ(memory_limit(root.path()), 268435456U);
}

TEST(OwnMemory, grows_with_what_is_written_to) {
  const std::uint64_t before = own_memory();
  EXPECT_GT(before, 0U);
  const std::string written(std::size_t{64} << 20U, 'x');
  EXPECT_GE(own_memory(), before + written.size() / 2);
}

}  // namespace
}  // namespace chopin::system
