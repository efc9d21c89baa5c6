#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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
  /// Bytes of memory that the texts take.
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.capacity(); }
  /// The body, which the request then has no more.
  [[nodiscard]] std::string_view take_body();

 private:
  [[nodiscard]] std::string_view keep(std::string_view text);

  std::string bytes_;
  std::vector<Field> fields_;
  std::vector<Param> params_;
  Peer peer_;
  Request request_;
};

}  // namespace chopin::http
