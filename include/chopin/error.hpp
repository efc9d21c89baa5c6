#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace chopin {

/// Thrown by a handler or a middleware to respond with the error object and this status. Every other
/// exception becomes a 500 and a log line.
///
/// Thread safety: one thread adds fields; several may read.
/// Lifetime: owns its texts.
/// Throws: std::invalid_argument for a status outside 400..599; std::bad_alloc.
class HttpError : public std::runtime_error {
 public:
  /// What is wrong with members of the request's body, or its parameters: name and message of each. Of
  /// several with one name the first is sent.
  using Fields = std::vector<std::pair<std::string, std::string>>;

  HttpError(std::uint16_t status, const std::string& message, Fields fields = {})
      : std::runtime_error(message), status_(status), fields_(std::move(fields)) {
    if (status < 400 || status > 599) {
      throw std::invalid_argument("an error's status is 400..599, not " + std::to_string(status));
    }
  }

  [[nodiscard]] std::uint16_t status() const noexcept { return status_; }
  [[nodiscard]] const Fields& fields() const noexcept { return fields_; }

  /// The `code` of the error object. Empty, the default: that of the status.
  HttpError& set_code(std::string code) {
    code_ = std::move(code);
    return *this;
  }
  [[nodiscard]] const std::string& code() const noexcept { return code_; }

  /// Adds a field to the response, such as Retry-After. If Response refuses the field, the response is a 500.
  HttpError& add_field(std::string name, std::string value) {
    response_fields_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  [[nodiscard]] const Fields& response_fields() const noexcept { return response_fields_; }

 private:
  std::uint16_t status_;
  Fields fields_;
  Fields response_fields_;
  std::string code_;
};

}  // namespace chopin
