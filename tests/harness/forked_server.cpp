#include "harness/forked_server.hpp"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "harness/eventually.hpp"

namespace chopin::test {
namespace {

int serve_here(const Config& config, Router router, const ForkedServer::Serve& serve, int ready) {
  try {
    std::optional<Server> server(std::in_place, config, std::move(router));
    const int status = serve(*server, [&] {
      const std::uint16_t port = server->port();
      if (write(ready, &port, sizeof port) != sizeof port) _exit(126);
    });
    server.reset();
    return status;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 125;
  }
}

}  // namespace

ForkedServer::ForkedServer(const Config& config, Router router, const Serve& serve) {
  std::string pattern = (std::filesystem::temp_directory_path() / "chopin-err-XXXXXX").string();
  const int err = mkstemp(pattern.data());
  err_path_ = pattern;
  int ready[2];
  if (err < 0 || pipe(ready) != 0) throw std::runtime_error("mkstemp or pipe");
  pid_ = fork();
  if (pid_ == 0) {
    dup2(err, STDERR_FILENO);
    close(err);
    close(ready[0]);
    _exit(serve_here(config, std::move(router), serve, ready[1]));
  }
  close(err);
  close(ready[1]);
  const bool has_port = read(ready[0], &port_, sizeof port_) == sizeof port_;
  close(ready[0]);
  if (!has_port) throw std::runtime_error("the server is not ready: " + this->err());
}

ForkedServer::~ForkedServer() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::filesystem::remove(err_path_);
}

void ForkedServer::signal(int number) const {
  kill(pid_, number);
}

int ForkedServer::wait() {
  int status = 0;
  if (!eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; })) {
    throw std::runtime_error("the server does not end: " + err());
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string ForkedServer::err() const {
  std::ifstream file(err_path_);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool ForkedServer::writes(const std::string& text) const {
  return eventually([&] { return err().find(text) != std::string::npos; });
}

int run_until_signalled(Server& server, const std::function<void()>& on_ready) {
  if (!server.run(on_ready)) server.end_process(EXIT_FAILURE);
  return EXIT_SUCCESS;
}

}  // namespace chopin::test
