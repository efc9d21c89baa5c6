#pragma once

#include <cstddef>
#include <string>

namespace chopin::test {

/// A POST request with this body; each of `fields` ends with CR LF.
inline std::string post_body(const std::string& path, const std::string& body,
                             const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The head of one whose body has this size.
inline std::string post_head(const std::string& path, std::size_t size, const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: " + std::to_string(size) +
         "\r\n\r\n";
}

/// The head of one whose body comes in chunks.
inline std::string post_chunked(const std::string& path) {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
}

}  // namespace chopin::test
