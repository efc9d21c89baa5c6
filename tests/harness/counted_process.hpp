#pragma once

#ifdef CHOPIN_COUNTING_PRELOAD

#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/call_counts.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"

namespace chopin::test {

/// Memory shared with the server process; the preloaded library counts there.
class SharedCounts {
 public:
  SharedCounts() {
    std::string pattern = (std::filesystem::temp_directory_path() / "chopin-counts-XXXXXX").string();
    const int fd = mkstemp(pattern.data());
    path_ = pattern;
    std::filesystem::resize_file(path_, sizeof(CallCounts));
    counts_ = static_cast<CallCounts*>(
        mmap(nullptr, sizeof(CallCounts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    close(fd);
  }
  ~SharedCounts() {
    munmap(counts_, sizeof(CallCounts));
    std::filesystem::remove(path_);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  CallCounts* operator->() const { return counts_; }

 private:
  std::string path_;
  CallCounts* counts_;
};

/// The executable with the preloaded library, in performance mode and with one worker unless told otherwise.
class CountedProcess : public testing::Test {
 protected:
  CountedProcess() : CountedProcess(std::vector<std::string>{}) {}
  explicit CountedProcess(std::vector<std::string> arguments) : server_(options(std::move(arguments))) {}

  ProcessOptions options(std::vector<std::string> arguments) {
    ProcessOptions options{.arguments = std::move(arguments), .environment = {{"SERVER_PORT", "0"}}};
    if (options.arguments.empty()) options.environment["REUSEPORT"] = "true";
    // Lines of the log take memory: none says that the kernel cuts the backlog, or that there is no secret.
    options.arguments.insert(options.arguments.end(), {"--workers", "1", "--backlog", "128"});
    options.environment["JWT_SECRET"] = std::string(32, 's');
    options.environment["LD_PRELOAD"] = CHOPIN_COUNTING_PRELOAD;
    options.environment["TEST_CALL_COUNTS"] = counts_.path();
    return options;
  }

  void exchange_bursts(RawClient& client, const std::string& burst, int responses, int times) {
    for (int i = 0; i < times; ++i) {
      client.send(burst);
      for (int j = 0; j < responses; ++j) EXPECT_EQ(client.read_response().status, 200);
    }
  }

  SharedCounts counts_;
  ServerProcess server_;
};

}  // namespace chopin::test

#endif
