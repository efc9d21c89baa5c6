#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include "system/descriptor.hpp"

namespace chopin::test {

/// Something that accepts connections like PostgreSQL, and then says nothing: it closes them at once, or
/// holds them.
class NoPostgres {
 public:
  enum class Then : std::uint8_t { close, hold };

  explicit NoPostgres(Then then) : then_(then), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_.get(), any, size) != 0 || listen(socket_.get(), SOMAXCONN) != 0 ||
        getsockname(socket_.get(), any, &size) != 0) {
      throw std::runtime_error(std::strerror(errno));
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept_all(); });
  }
  ~NoPostgres() {
    is_over_ = true;
    thread_.join();
  }
  NoPostgres(const NoPostgres&) = delete;
  NoPostgres& operator=(const NoPostgres&) = delete;

  [[nodiscard]] std::string url() const {
    return "postgres://nobody@127.0.0.1:" + std::to_string(port_) + "/none?sslmode=disable";
  }
  [[nodiscard]] int accepted() const noexcept { return accepted_; }
  /// The most that were open at the same time.
  [[nodiscard]] int most_open() const noexcept { return most_open_; }

 private:
  void accept_all() {
    while (!is_over_) {
      pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, 10) != 1) continue;
      system::Descriptor connection(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      ++accepted_;
      if (then_ == Then::close) continue;
      std::erase_if(open_, [](const system::Descriptor& each) { return has_ended(each); });
      open_.push_back(std::move(connection));
      most_open_ = std::max(most_open_.load(), static_cast<int>(open_.size()));
    }
  }
  static bool has_ended(const system::Descriptor& connection) {
    pollfd ended{.fd = connection.get(), .events = POLLRDHUP, .revents = 0};
    return poll(&ended, 1, 0) == 1;
  }

  const Then then_;
  system::Descriptor socket_;
  std::uint16_t port_ = 0;
  std::vector<system::Descriptor> open_;  // the thread's
  std::atomic<int> accepted_ = 0;
  std::atomic<int> most_open_ = 0;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace chopin::test
