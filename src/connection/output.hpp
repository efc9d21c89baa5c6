#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "chopin/byte_buffer.hpp"
#include "chopin/config.hpp"

namespace chopin::connection {

/// A large body that is sent from where it is. Immutable, and shared by all workers.
using SharedBody = std::shared_ptr<const std::string>;

/// What a burst is responded with, before it is written: bytes in memory that a worker lends to one
/// connection after the other and, where the last response of the burst has a large body, that body.
class Output {
 public:
  [[nodiscard]] ByteBuffer& bytes() noexcept { return bytes_; }
  [[nodiscard]] const ByteBuffer& bytes() const noexcept { return bytes_; }
  /// Ends the burst: nothing may follow before it is written.
  void end_with(SharedBody body) noexcept { body_ = std::move(body); }
  /// Null where there is none.
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
