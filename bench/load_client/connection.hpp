#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "load_client/address.hpp"
#include "load_client/request.hpp"
#include "load_client/response_reader.hpp"
#include "load_client/schedule.hpp"

namespace load {

/// A place for one connection after another, with at most one request under way.
class Connection {
 public:
  enum class State : std::uint8_t { idle, busy, down };  // down: to be used again after a pause

  explicit Connection(std::size_t place) noexcept : index(place) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(); }

  /// Begins to connect, watched by `epoll` edge-triggered. False if that fails at once.
  bool open(const Address& address, int epoll);
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// Another number after each `open`: a descriptor may come again.
  [[nodiscard]] std::uint64_t life() const noexcept { return life_; }
  void close() noexcept;
  /// With a reset: the port is free at once, instead of after a minute.
  void reset() noexcept;

  void begin(const Request& next, Time due_at);
  /// Sends what the kernel takes; an event reports when it takes more. False if the connection is over.
  bool send_rest() noexcept;

  const std::size_t index;
  State state = State::idle;
  bool has_connected = false;  // at the start
  std::uint64_t turn = 0;      // of its next request
  std::uint64_t served = 0;    // by this connection
  Time due = 0;                // of the request under way
  const Request* request = nullptr;
  ResponseReader reader;

 private:
  int descriptor_ = -1;
  std::uint64_t life_ = 0;
  std::string_view unsent_;
};

}  // namespace load
