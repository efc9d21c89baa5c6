#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "connection/output.hpp"
#include "connection/stream.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {

/// What the kernel has not taken of a connection's responses: a short queue of pieces, some with bytes of
/// their own, some that refer to a shared body. A connection has one only while it is blocked.
class Outbox {
 public:
  /// What is left of `output` once so many bytes of it are sent. Throws std::bad_alloc.
  Outbox(const Output& output, std::size_t sent);

  /// Writes all that is in one system call, and forgets what was sent.
  system::Transfer send(const Stream& stream) noexcept;
  [[nodiscard]] bool empty() const noexcept { return pieces_.empty(); }

  /// Writes an output with a shared body in one system call.
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
