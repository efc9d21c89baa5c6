#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace chopin {

/// Thrown by a handler or a middleware: becomes the error object of the API with this status, which is 400 to
/// 599. Every other exception becomes 500 and a line in the log.
class HttpError : public std::runtime_error {
 public:
  /// What is wrong with each member of the request: name and message.
  using Fields = std::vector<std::pair<std::string, std::string>>;

  /// Throws std::invalid_argument for another status.
  HttpError(std::uint16_t status, const std::string& message, Fields fields = {})
      : std::runtime_error(message), status_(status), fields_(std::move(fields)) {
    if (status < 400 || status > 599) {
      throw std::invalid_argument("an error's status is 400..599, not " + std::to_string(status));
    }
  }

  [[nodiscard]] std::uint16_t status() const noexcept { return status_; }
  [[nodiscard]] const Fields& fields() const noexcept { return fields_; }

 private:
  std::uint16_t status_;
  Fields fields_;
};

}  // namespace chopin
