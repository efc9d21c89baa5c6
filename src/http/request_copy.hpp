#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/byte_buffer.hpp"
#include "chopin/request.hpp"

namespace chopin::http {

/// A request that owns its texts, for a handler that responds later.
class RequestCopy {
 public:
  RequestCopy() = default;
  explicit RequestCopy(const Request& original) { assign(original); }
  RequestCopy(const RequestCopy&) = delete;
  RequestCopy& operator=(const RequestCopy&) = delete;

  /// Replaces the copy. Its memory is used again.
  void assign(const Request& original);
  [[nodiscard]] const Request& request() const noexcept { return request_; }
  [[nodiscard]] Request& request() noexcept { return request_; }
  /// Gives memory back, if it is much. The request must not be used until the next `assign`.
  void rest() noexcept {
    bytes_.clear();
    body_ = nullptr;
  }
  /// Its memory in bytes.
  [[nodiscard]] std::size_t memory() const noexcept {
    return bytes_.capacity() + (body_ == nullptr ? 0 : body_->size());
  }
  /// The body, which the request then has no more.
  [[nodiscard]] std::string_view take_body();

 private:
  static constexpr std::size_t most_kept = std::size_t{16} * 1024;

  ByteBuffer bytes_{most_kept};
  std::vector<Field> fields_;
  std::vector<Param> params_;
  Peer peer_;
  std::shared_ptr<const std::string> body_;  // not copied if it may be shared
  Request request_;
};

}  // namespace chopin::http
