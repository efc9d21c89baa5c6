#pragma once

#include <utility>

#include "system/direct_calls.hpp"

namespace chopin::system {

/// Owns a file descriptor and closes it on destruction.
class Descriptor {
 public:
  Descriptor() noexcept = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (is_open()) call_close(fd_);
  }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  /// Gives up ownership: the caller closes the descriptor.
  void release() noexcept { fd_ = -1; }

 private:
  int fd_ = -1;
};

}  // namespace chopin::system
