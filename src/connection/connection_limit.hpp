#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <utility>

#include "connection/memory_budget.hpp"
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
  /// The caller gives the place back itself.
  void release() noexcept { limit_ = nullptr; }

 private:
  ConnectionLimit* limit_ = nullptr;
};

/// An accepted, non-blocking socket with its slot. The slot is declared first, so that it is given back only
/// after the socket is closed.
struct Connection {
  ConnectionSlot slot;
  system::Descriptor socket;
  Peer peer{};
  bool brings_input = false;  ///< probably: the kernel has waited for input
};

/// Limits the open connections of the process, and what they hold, over all workers.
///
/// Thread safety: any thread.
/// Lifetime: must outlive its slots.
/// Throws: only the constructor.
class ConnectionLimit {
 public:
  /// `on_room` is called on a worker's thread when a connection ends after `take` has found no slot,
  /// `on_full` by `ask_for_room`.
  ConnectionLimit(
      std::size_t most, std::function<void()> on_room, std::function<void()> on_full = [] {},
      MemoryBudget::Settings memory = {})
      : most_(most), on_room_(std::move(on_room)), on_full_(std::move(on_full)), memory_(memory) {}

  /// If no slot is free, or memory is too short for another connection, `is_taken` of the result is false.
  [[nodiscard]] ConnectionSlot take() noexcept;
  void give_back() noexcept;
  /// Asks all workers for a slot: each closes a connection that can be spared. Does not wait.
  void ask_for_room() noexcept;
  [[nodiscard]] std::size_t most() const noexcept { return most_; }
  [[nodiscard]] std::size_t open() const noexcept { return open_.load(std::memory_order_relaxed); }
  [[nodiscard]] MemoryBudget& memory() noexcept { return memory_; }
  [[nodiscard]] const MemoryBudget& memory() const noexcept { return memory_; }

 private:
  const std::size_t most_;
  const std::function<void()> on_room_;
  const std::function<void()> on_full_;
  MemoryBudget memory_;
  std::atomic<std::size_t> open_ = 0;
  std::atomic<bool> someone_waits_ = false;
};

}  // namespace chopin::connection
