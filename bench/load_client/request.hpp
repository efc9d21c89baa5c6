#pragma once

#include <string>

namespace load {

/// One request as it is sent.
struct Request {
  std::string bytes;
  bool is_head = false;  // the response has no body
  bool closes = false;   // the server will close, whether it says so or not
};

/// Throws std::invalid_argument if the bytes are not one whole request: the server would wait for the rest,
/// or take more than one.
Request request_of(std::string bytes);

/// Throws std::invalid_argument also if the file cannot be read.
Request read_request(const std::string& path);

}  // namespace load
