#include "http/normal_path.hpp"

#include <algorithm>
#include <cstddef>

#include "text/percent.hpp"
#include "text/utf8.hpp"

namespace chopin::http {
namespace {

/// Whether the path has no `%`, no backslash and no segment that begins with a dot. Most have none.
bool is_plain(std::string_view path) noexcept {
  bool begins_segment = false;
  for (const char c : path) {
    if (c == '%' || c == '\\' || (c == '.' && begins_segment)) return false;
    begins_segment = c == '/';
  }
  return true;
}

bool is_control(char decoded) noexcept {
  return static_cast<unsigned char>(decoded) < 0x20 || decoded == 0x7f;
}

/// What stands for a decoded byte: an encoded slash must not be taken for one that was sent.
char marked(char decoded) noexcept {
  if (decoded == '/') return slash_mark;
  return decoded == '\\' ? backslash_mark : decoded;
}

Rejection decode(std::string_view path, std::string& memory, bool& has_slashes) {
  const std::size_t plain = std::min({path.find('%'), path.find('\\'), path.size()});
  memory.assign(path);
  char* out = memory.data() + plain;
  for (std::size_t at = plain; at < path.size(); ++at) {
    if (path[at] != '%' && path[at] != '\\') [[likely]] {
      *out++ = path[at];
      continue;
    }
    if (path[at] == '\\') return Rejection::target_malformed;
    const auto decoded = text::decode_percent(path.substr(at));
    if (!decoded) return Rejection::path_encoding_malformed;
    if (is_control(*decoded)) return Rejection::path_encoding_ambiguous;
    *out = marked(*decoded);
    has_slashes |= *out++ != *decoded;
    at += 2;
  }
  memory.resize(static_cast<std::size_t>(out - memory.data()));
  const bool is_utf8 = text::valid_utf8_prefix(memory) == memory.size();
  return is_utf8 ? Rejection::none : Rejection::path_encoding_malformed;
}

/// In place: the segments that are kept move to the front.
Rejection remove_dot_segments(std::string& path) {
  char* const begin = path.data();
  const char* const end = begin + path.size();
  char* kept = begin;  // the end of what is kept
  for (const char* at = begin; at != end;) {
    char* const segment = kept;  // its slash
    do *kept++ = *at++;
    while (at != end && *at != '/');
    const auto size = kept - segment - 1;
    const bool is_dots = (size == 1 || size == 2) && segment[1] == '.' && segment[size] == '.';
    if (!is_dots) continue;
    kept = segment;
    if (size == 2) {
      if (segment == begin) return Rejection::path_above_root;
      do --kept;
      while (*kept != '/');
    }
    if (at == end) *kept++ = '/';
  }
  path.resize(static_cast<std::size_t>(kept - begin));
  return Rejection::none;
}

}  // namespace

NormalPath normalise_path(std::string_view path, std::string& memory) {
  if (!path.starts_with('/') || is_plain(path)) return {path, Rejection::none};
  bool has_slashes = false;
  Rejection rejection = decode(path, memory, has_slashes);
  if (rejection == Rejection::none) rejection = remove_dot_segments(memory);
  if (rejection != Rejection::none || !has_slashes) return {memory, rejection};
  return {memory, Rejection::path_encoding_ambiguous, true};
}

void restore_slashes(std::string& path) noexcept {
  std::ranges::replace(path, slash_mark, '/');
  std::ranges::replace(path, backslash_mark, '\\');
}

}  // namespace chopin::http
