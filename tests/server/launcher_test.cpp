#include "server/launcher.hpp"

#include <cstddef>
#include <system_error>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/open_files_left.hpp"
#include "harness/raw_client.hpp"

namespace chopin::server {
namespace {

class LauncherWithoutDescriptors : public testing::TestWithParam<Mode> {};

TEST_P(LauncherWithoutDescriptors, says_so_whichever_worker_cannot_be_built_and_can_be_destroyed) {
  for (std::size_t left = 0; left < 12; ++left) {  // a worker takes four
    Config config = test::test_config();
    config.mode = GetParam();
    config.workers = 3;
    config.max_connections = 1;
    Launcher launcher(config, Router());
    const test::RawClient queued(launcher.endpoint().port());
    const test::RawClient queued_too(launcher.endpoint().port());
    const test::OpenFilesLeft limit(left);
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
  const test::OpenFilesLeft limit(32);
  Launcher launcher(config, Router());
  launcher.start();
  EXPECT_EQ(launcher.worker_count(), 40U);
}

INSTANTIATE_TEST_SUITE_P(Modes, LauncherOfManyWorkers, testing::Values(Mode::performance, Mode::standard));

}  // namespace
}  // namespace chopin::server
