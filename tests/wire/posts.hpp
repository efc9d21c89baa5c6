#pragma once

#include <string>

namespace chopin::test {

/// A POST request with this body; each of `fields` ends with CR LF.
inline std::string post_body(const std::string& path, const std::string& body,
                             const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace chopin::test
