#include "server/launcher.hpp"

#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::server {
namespace {

/// The limit of open files that leaves so many more to be opened.
class OpenFilesLeft {
 public:
  explicit OpenFilesLeft(rlim_t files) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(0);
    close(next);
    const rlimit lower{.rlim_cur = static_cast<rlim_t>(next) + files, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~OpenFilesLeft() { setrlimit(RLIMIT_NOFILE, &before_); }
  OpenFilesLeft(const OpenFilesLeft&) = delete;
  OpenFilesLeft& operator=(const OpenFilesLeft&) = delete;

 private:
  rlimit before_{};
};

class LauncherWithoutDescriptors : public testing::TestWithParam<Mode> {};

TEST_P(LauncherWithoutDescriptors, says_so_whichever_worker_cannot_be_built_and_can_be_destroyed) {
  for (rlim_t left = 0; left < 12; ++left) {  // a worker takes four
    Config config = test::test_config();
    config.mode = GetParam();
    config.workers = 3;
    config.max_connections = 1;
    Launcher launcher(config, Router());
    const test::RawClient queued(launcher.endpoint().port());
    const test::RawClient queued_too(launcher.endpoint().port());
    const OpenFilesLeft limit(left);
    EXPECT_THROW(launcher.start(), std::system_error) << left;
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, LauncherWithoutDescriptors,
                         testing::Values(Mode::performance, Mode::standard));

class LauncherOfManyWorkers : public testing::TestWithParam<Mode> {};

TEST_P(LauncherOfManyWorkers, starts_though_they_need_more_descriptors_than_the_soft_limit_allows) {
  Config config = test::test_config();
  config.mode = GetParam();
  config.workers = 40;
  config.max_connections = 1;
  const OpenFilesLeft limit(32);
  Launcher launcher(config, Router());
  launcher.start();
  EXPECT_EQ(launcher.worker_count(), 40U);
}

INSTANTIATE_TEST_SUITE_P(Modes, LauncherOfManyWorkers, testing::Values(Mode::performance, Mode::standard));

}  // namespace
}  // namespace chopin::server
