#include <filesystem>
#include <linux/magic.h>
#include <string>
#include <sys/statfs.h>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/database_error.hpp"
#include "data/sqlite/memory_folder.hpp"
#include "harness/eventually.hpp"
#include "harness/server_process.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::data::sqlite {
namespace {

struct SqliteMemoryFolder : testing::Test {
  const test::TemporaryFolder first;
  const test::TemporaryFolder second;

  [[nodiscard]] MemoryFolder made(std::uint64_t least_free = 0) const {
    return MemoryFolder({{first.path(), least_free}, {second.path(), 0}});
  }
};

TEST_F(SqliteMemoryFolder, is_for_its_user_alone_and_goes_with_its_files) {
  std::string path;
  {
    const MemoryFolder folder = made();
    path = folder.path();
    EXPECT_TRUE(path.starts_with(first.path() + "/chopin-sqlite-"));
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    EXPECT_EQ(folder.warning(), "");
    first.write(path.substr(first.path().size()) + "/database", "x");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(std::filesystem::exists(first.path()));
}

TEST_F(SqliteMemoryFolder, is_elsewhere_if_the_memory_file_system_is_too_full_and_says_so) {
  const MemoryFolder folder = made(std::uint64_t{1} << 62U);
  EXPECT_TRUE(folder.path().starts_with(second.path()));
  EXPECT_TRUE(folder.warning().starts_with(first.path() + ": only ")) << folder.warning();
}

TEST_F(SqliteMemoryFolder, is_elsewhere_if_there_is_no_memory_file_system) {
  const MemoryFolder folder({{first.path() + "/missing", 0}, {second.path(), 0}});
  EXPECT_TRUE(folder.path().starts_with(second.path()));
  EXPECT_EQ(folder.warning(), first.path() + "/missing: No such file or directory");
}

TEST_F(SqliteMemoryFolder, knows_whether_it_is_in_memory) {
  EXPECT_TRUE(MemoryFolder({{"/dev/shm", 0}}).is_in_memory());
  struct statfs facts{};
  ASSERT_EQ(statfs(first.path().c_str(), &facts), 0);
  EXPECT_EQ(made().is_in_memory(), facts.f_type == TMPFS_MAGIC);
}

TEST_F(SqliteMemoryFolder, that_killed_processes_have_left_are_removed_by_a_server_with_another_database) {
  std::filesystem::create_directory(first.path() + "/chopin-sqlite-123456");
  test::ServerProcess server(
      {.environment = {{"SERVER_PORT", "0"}, {"DATABASE_URL", "none"}, {"TMPDIR", first.path()}}});
  server.port();
  EXPECT_TRUE(
      test::eventually([this] { return !std::filesystem::exists(first.path() + "/chopin-sqlite-123456"); }));
}

TEST_F(SqliteMemoryFolder, is_refused_if_it_can_be_nowhere) {
  try {
    const MemoryFolder folder({{"/proc", 0}, {"/missing", 0}});
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_EQ(error.sqlstate(), "08001");
    EXPECT_NE(error.detail().find("/proc"), std::string::npos);
    EXPECT_NE(error.detail().find("/missing"), std::string::npos);
  }
}

TEST_F(SqliteMemoryFolder, is_left_alone_by_those_that_are_made_later) {
  const MemoryFolder earlier = made();
  const MemoryFolder later = made();
  EXPECT_NE(earlier.path(), later.path());
  EXPECT_TRUE(std::filesystem::exists(earlier.path()));
}

TEST_F(SqliteMemoryFolder, removes_no_folder_of_another_name) {
  std::filesystem::create_directory(first.path() + "/chopin-other-123456");
  std::filesystem::create_directory(first.path() + "/chopin-sqlite-123456");
  const MemoryFolder folder = made();
  EXPECT_TRUE(std::filesystem::exists(first.path() + "/chopin-other-123456"));
  EXPECT_FALSE(std::filesystem::exists(first.path() + "/chopin-sqlite-123456"));
}

}  // namespace
}  // namespace chopin::data::sqlite
