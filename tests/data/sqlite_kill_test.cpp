#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "data/database_worker.hpp"
#include "data/items.hpp"
#include "data/sqlite/memory_folder.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin {
namespace {

using data::sqlite::MemoryFolder;

/// A process that reports numbers until it is killed.
template <class Work>
class Child {
 public:
  explicit Child(Work work) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      alarm(60);
      work([&](std::uint32_t number) {
        if (write(ends[1], &number, sizeof number) != sizeof number) _exit(1);
      });
      _exit(0);
    }
    close(ends[1]);
    from_ = ends[0];
  }
  ~Child() {
    kill();
    close(from_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool next(std::uint32_t& number) const { return read(from_, &number, sizeof number) == sizeof number; }
  void kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  int from_ = -1;
};

class SqliteKilled : public testing::Test {
 protected:
  [[nodiscard]] std::size_t entries() const {
    const std::filesystem::directory_iterator found(folder.path());
    return static_cast<std::size_t>(std::distance(begin(found), end(found)));
  }

  const test::TemporaryFolder folder;
};

TEST_F(SqliteKilled, loses_nothing_that_was_acknowledged) {
#ifdef CHOPIN_SANITIZE_THREAD
  GTEST_SKIP() << "ThreadSanitizer allows no threads in a child of a process with threads";
#endif
  DatabaseConfig config;
  config.url = "sqlite://" + folder.path() + "/items.db";
  std::uint32_t acknowledged = 0;
  {
    Child child([&config](const auto& report) {
      test::DatabaseWorker worker(Database::maker(config, test::items));
      for (std::uint32_t number = 1;; ++number) {
        worker.run(worker.database().query(test::insert_item(std::to_string(number))));
        report(number);
      }
    });
    std::uint32_t number = 0;
    while (number < 30 && child.next(number)) acknowledged = number;
    child.kill();
    while (child.next(number)) acknowledged = number;
  }
  EXPECT_GE(acknowledged, 30U);
  test::DatabaseWorker worker(Database::maker(config, test::items));
  const auto rows = worker.run(worker.database().query(test::count_items()));
  EXPECT_GE(std::get<0>(rows.front()), acknowledged);
  EXPECT_LE(std::get<0>(rows.front()), acknowledged + 1);
}

TEST_F(SqliteKilled, leaves_a_memory_folder_that_the_next_process_removes) {
  const std::vector<MemoryFolder::Candidate> here{{folder.path(), 0}};
  {
    Child child([&here](const auto& report) {
      const MemoryFolder made(here);
      close(creat((made.path() + "/database").c_str(), S_IRUSR));
      report(1);
      pause();
    });
    std::uint32_t number = 0;
    ASSERT_TRUE(child.next(number));
    {
      const MemoryFolder own(here);
      EXPECT_EQ(entries(), 2U);  // that of a process that lives stays
    }
    EXPECT_EQ(entries(), 1U);
  }
  {
    const MemoryFolder own(here);
    EXPECT_EQ(entries(), 1U);
    EXPECT_TRUE(std::filesystem::is_empty(own.path()));
  }
  EXPECT_EQ(entries(), 0U);
}

}  // namespace
}  // namespace chopin
