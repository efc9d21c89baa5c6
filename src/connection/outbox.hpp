#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "connection/output.hpp"
#include "connection/pace.hpp"
#include "connection/stream.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {

/// The part of a connection's responses that the kernel has not taken: a short queue of pieces with bytes of
/// their own or a reference to a shared body. A connection has an outbox only while it is blocked.
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: its connection's.
/// Throws: only the constructor.
class Outbox {
 public:
  /// Holds what is left of `output` after its first `sent` bytes. `unacknowledged`: what the kernel holds of
  /// the connection's responses. Throws std::bad_alloc.
  Outbox(const Output& output, std::size_t sent, const Limits& limits, std::size_t unacknowledged);

  /// Sends as much as possible with one system call, and drops what was sent.
  system::Transfer send(const Stream& stream) noexcept;
  /// Its memory in bytes. A shared body counts if nobody else has it.
  [[nodiscard]] std::size_t memory() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return pieces_.empty(); }
  /// How many bytes the peer has taken since the last call, now that the kernel holds so many.
  std::size_t take_progress(std::size_t unacknowledged) noexcept;
  /// At which the peer reads.
  [[nodiscard]] Pace& pace() noexcept { return pace_; }

  /// Sends an output that has a shared body with one system call.
  static system::Transfer send(const Stream& stream, const Output& output) noexcept;

 private:
  struct Piece {
    std::string own;
    SharedBody shared;  // null: the bytes are its own
    std::size_t begin = 0;

    [[nodiscard]] std::string_view bytes() const noexcept {
      return std::string_view(shared != nullptr ? *shared : own).substr(begin);
    }
  };

  void forget(std::size_t sent) noexcept;

  std::vector<Piece> pieces_;   // none is empty
  std::size_t unacknowledged_;  // if the peer had taken nothing since `take_progress`
  Pace pace_;
};

}  // namespace chopin::connection
