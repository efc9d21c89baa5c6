#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <utility>

#include "system/sockets.hpp"

namespace chopin::connection {

class ConnectionLimit;

/// One connection's place among those that may be open.
class ConnectionSlot {
 public:
  ConnectionSlot() noexcept = default;
  explicit ConnectionSlot(ConnectionLimit& limit) noexcept : limit_(&limit) {}
  ConnectionSlot(ConnectionSlot&& other) noexcept : limit_(std::exchange(other.limit_, nullptr)) {}
  ConnectionSlot& operator=(ConnectionSlot&& other) noexcept {
    std::swap(limit_, other.limit_);
    return *this;
  }
  ~ConnectionSlot();

  [[nodiscard]] bool is_taken() const noexcept { return limit_ != nullptr; }

 private:
  ConnectionLimit* limit_ = nullptr;
};

/// An accepted, non-blocking socket with its slot, which is given back when the socket is closed and not
/// before.
struct Connection {
  ConnectionSlot slot;
  system::Descriptor socket;
  bool brings_input = false;  ///< most likely: the kernel has waited for it
};

/// How many connections the process may have open, over all workers.
class ConnectionLimit {
 public:
  /// `on_room` is called, on any worker's thread, when a connection has ended after one found no slot.
  ConnectionLimit(std::size_t most, std::function<void()> on_room)
      : most_(most), on_room_(std::move(on_room)) {}

  /// Not taken where all are. From any thread.
  [[nodiscard]] ConnectionSlot take() noexcept;
  [[nodiscard]] std::size_t most() const noexcept { return most_; }

 private:
  friend class ConnectionSlot;

  void give_back() noexcept;

  const std::size_t most_;
  const std::function<void()> on_room_;
  std::atomic<std::size_t> open_ = 0;
  std::atomic<bool> someone_waits_ = false;
};

}  // namespace chopin::connection
