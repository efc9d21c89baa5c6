#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/rejection.hpp"

namespace chopin::http {

/// A path in the form that is matched with routes.
struct NormalPath {
  std::string_view path;
  Rejection rejection = Rejection::none;
};

/// Decodes the percent-encoded bytes of a path and removes its dot segments (RFC 3986 sections 6.2.2.2 and
/// 5.2.4). Paths that clients and proxies could read in different ways are refused: malformed encodings,
/// encoded slashes and control bytes, backslashes in either form, malformed UTF-8, and dot segments that lead
/// out of the root. The result is a view of `path`, or of `memory` if it had to be changed.
NormalPath normalise_path(std::string_view path, std::string& memory);

}  // namespace chopin::http
