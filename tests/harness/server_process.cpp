#include "harness/server_process.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using std::chrono::steady_clock;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

void redirect(int target, const std::string& path) {
  const int fd = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  dup2(fd, target);
  close(fd);
}

void close_from(int first) {
  const auto most = static_cast<int>(sysconf(_SC_OPEN_MAX));
  for (int fd = first; fd < std::min(most, 65536); ++fd) close(fd);
}

/// As fork, but the child is process 1 of a new namespace.
pid_t fork_as_process_1() {
  const unsigned long flags =
      CLONE_NEWPID | (geteuid() == 0 ? 0U : CLONE_NEWUSER) | static_cast<unsigned long>(SIGCHLD);
  return static_cast<pid_t>(syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr));
}

/// Between two polls of a process that does not signal when it is ready.
void pause_briefly() {
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

}  // namespace

ServerProcess::ServerProcess(const ProcessOptions& options) {
  std::string pattern = (std::filesystem::temp_directory_path() / "chopin-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  for (const auto& [name, contents] : options.files) std::ofstream(folder_ + "/" + name) << contents;
  std::vector<std::string> arguments{CHOPIN_EXECUTABLE};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> environment;
  for (const auto& [name, value] : options.environment) environment.push_back(name + "=" + value);
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "HTTP_HEAD_MEMO",
                           "HTTP_HEAD_SCANNER"}) {
    if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
  }
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  pid_ = options.as_process_1 ? fork_as_process_1() : fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ > 0) return;
  redirect(STDOUT_FILENO, folder_ + "/out");
  redirect(STDERR_FILENO, folder_ + "/err");
  if (chdir(folder_.c_str()) != 0) _exit(127);
  if (options.descriptor_limit > 0) {
    const rlimit limit{options.descriptor_limit, options.descriptor_limit};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (options.before_exec) options.before_exec();
  close_from(STDERR_FILENO + 1);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code ec;
  std::filesystem::remove_all(folder_, ec);
}

std::uint16_t ServerProcess::port() {
  const auto deadline = steady_clock::now() + patience;
  while (steady_clock::now() < deadline) {
    const std::string banner = out();
    const std::size_t address = banner.find("http://");
    const std::size_t end = banner.find('\n', address == std::string::npos ? 0 : address);
    if (address != std::string::npos && end != std::string::npos) {
      return static_cast<std::uint16_t>(std::stoi(banner.substr(banner.rfind(':', end) + 1)));
    }
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("the server ended: " + err());
    }
    pause_briefly();
  }
  throw std::runtime_error("no banner: " + out() + err());
}

void ServerProcess::signal(int number) const {
  kill(pid_, number);
}

int ServerProcess::wait() {
  const auto deadline = steady_clock::now() + patience;
  int status = 0;
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (steady_clock::now() > deadline) throw std::runtime_error("the server does not end: " + err());
    pause_briefly();
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string ServerProcess::out() const {
  return contents(folder_ + "/out");
}

std::string ServerProcess::err() const {
  return contents(folder_ + "/err");
}

std::uint64_t ServerProcess::cpu_ticks() const {
  const std::string stat = contents("/proc/" + std::to_string(pid_) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  constexpr int fields_before_utime = 11;
  std::string skipped;
  for (int i = 0; i < fields_before_utime; ++i) fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> user >> system;
  return user + system;
}

bool may_be_process_1() {
  const pid_t child = fork_as_process_1();
  if (child == 0) _exit(0);
  return child > 0 && waitpid(child, nullptr, 0) == child;
}

ProcessResult run_to_end(const ProcessOptions& options) {
  ServerProcess process(options);
  const int status = process.wait();
  return {status, process.out(), process.err()};
}

}  // namespace chopin::test
