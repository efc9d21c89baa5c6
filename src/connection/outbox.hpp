#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "connection/output.hpp"
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
  /// Holds what is left of `output` after its first `sent` bytes. Throws std::bad_alloc.
  Outbox(const Output& output, std::size_t sent);

  /// Sends as much as possible with one system call, and drops what was sent.
  system::Transfer send(const Stream& stream) noexcept;
  /// Its memory in bytes. A shared body counts if nobody else has it.
  [[nodiscard]] std::size_t memory() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return pieces_.empty(); }

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

  std::vector<Piece> pieces_;  // none is empty
};

}  // namespace chopin::connection
