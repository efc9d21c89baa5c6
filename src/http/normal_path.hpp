#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/rejection.hpp"

namespace chopin::http {

/// Where an encoded slash or backslash was, until `restore_slashes`: bytes that no other normal path has.
inline constexpr char slash_mark = '\x01';
inline constexpr char backslash_mark = '\x02';

/// A path in the form that is matched with routes.
struct NormalPath {
  std::string_view path;
  Rejection rejection = Rejection::none;
  /// It is refused only for encoded slashes and backslashes, which some routes take in parameters. `path` has
  /// marks for them, and is a view of the memory.
  bool has_only_slashes_refused = false;
};

/// Decodes the percent-encoded bytes of a path and removes its dot segments (RFC 3986 sections 6.2.2.2 and
/// 5.2.4). Paths that clients and proxies could read in different ways are refused: malformed encodings,
/// encoded slashes and control bytes, backslashes in either form, malformed UTF-8, and dot segments that lead
/// out of the root. The result is a view of `path`, or of `memory` if it had to be changed.
NormalPath normalise_path(std::string_view path, std::string& memory);

/// Replaces the marks by slashes and backslashes.
void restore_slashes(std::string& path) noexcept;

}  // namespace chopin::http
