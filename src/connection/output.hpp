#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "chopin/byte_buffer.hpp"
#include "chopin/config.hpp"

namespace chopin::connection {

/// A large body that is sent without being copied. Immutable, and may be shared by all workers.
using SharedBody = std::shared_ptr<const std::string>;

/// The responses to a burst, before they are sent: bytes, and the body of the last response if it is a shared
/// one. A worker has one Output, which it lends to one connection after the other.
class Output {
 public:
  [[nodiscard]] ByteBuffer& bytes() noexcept { return bytes_; }
  [[nodiscard]] const ByteBuffer& bytes() const noexcept { return bytes_; }
  /// Ends the burst: nothing may be appended before it is sent.
  void end_with(SharedBody body) noexcept { body_ = std::move(body); }
  /// Null if there is none.
  [[nodiscard]] const SharedBody& body() const noexcept { return body_; }

  [[nodiscard]] std::size_t size() const noexcept {
    return bytes_.size() + (body_ != nullptr ? body_->size() : 0);
  }

  void clear() noexcept {
    bytes_.clear();
    body_ = nullptr;
  }

 private:
  ByteBuffer bytes_{2 * Limits::max_pending_output};
  SharedBody body_;
};

}  // namespace chopin::connection
