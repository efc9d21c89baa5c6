#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"

namespace chopin::test {
namespace {

/// The open flags of a descriptor of another process, by proc(5).
unsigned long flags_of(pid_t pid, int fd) {
  std::ifstream info("/proc/" + std::to_string(pid) + "/fdinfo/" + std::to_string(fd));
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("flags:")) return std::stoul(line.substr(6), nullptr, 8);
  }
  return O_CLOEXEC;  // closed meanwhile
}

std::vector<int> descriptors_of(pid_t pid) {
  std::vector<int> descriptors;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    descriptors.push_back(std::stoi(entry.path().filename()));
  }
  return descriptors;
}

class DescriptorsOf : public testing::TestWithParam<const char*> {};

TEST_P(DescriptorsOf, the_server_are_inherited_by_no_program_that_a_handler_starts) {
  ServerProcess server({.arguments = {"--port", "0", "--workers", "2", "--mode", GetParam()}});
  RawClient kept(server.port());
  kept.send(get_json);
  kept.read_response();
  int own = 0;
  for (const int fd : descriptors_of(server.pid())) {
    if (fd <= STDERR_FILENO) continue;
    ++own;
    EXPECT_NE(flags_of(server.pid(), fd) & O_CLOEXEC, 0U) << fd;
  }
  EXPECT_GE(own, 2 * 4 + 2) << "four for each worker, a listening socket and a connection";
}

INSTANTIATE_TEST_SUITE_P(Modes, DescriptorsOf, testing::Values("standard", "performance"));

}  // namespace
}  // namespace chopin::test
