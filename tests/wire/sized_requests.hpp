#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace chopin::test {

inline constexpr std::uint32_t kibi = 1024;

inline const std::string get_start = "GET /plaintext HTTP/1.1\r\nHost: h\r\n";
inline const std::string chunked_start =
    "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

inline std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

// ---- Requests with one part of the given size. ----

/// Field lines and the empty line after them, `size` bytes in total.
inline std::string field_lines_of(std::size_t size) {
  const std::string line = "A: " + std::string(3900, 'a') + "\r\n";
  std::string lines;
  while (size - lines.size() > line.size() + 100) lines += line;
  return lines + "A: " + std::string(size - lines.size() - 7, 'a') + "\r\n\r\n";
}

inline std::string with_head_of(std::size_t size) {
  return get_start + field_lines_of(size - get_start.size());
}

/// With a request line as long as a head of this size allows.
inline std::string with_query_in_head_of(std::size_t size) {
  const std::string start = "GET /plaintext?";
  const std::string end = " HTTP/1.1\r\nHost: h\r\n\r\n";
  return start + std::string(size - start.size() - end.size(), 'q') + end;
}

inline std::string with_request_line_of(std::size_t size) {
  const std::string start = "GET /plaintext?";
  const std::string end = " HTTP/1.1\r\n";
  return start + std::string(size - start.size() - end.size(), 'q') + end + "Host: h\r\n\r\n";
}

inline std::string with_fields(std::size_t count) {
  return get_start + repeated("A: b\r\n", count - 1) + "\r\n";
}

/// With a field as long as a head of this size allows.
inline std::string with_field_in_head_of(std::size_t size) {
  const std::string end = "\r\n\r\n";
  return get_start + "A: " + std::string(size - get_start.size() - 3 - end.size(), 'b') + end;
}

inline std::string announcing(const std::string& method_and_path, std::size_t size) {
  return method_and_path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
         std::string(size, 'x');
}

inline std::string with_body_of(std::size_t size) {
  return announcing("POST /echo", size);
}

inline std::string with_dropped_body_of(std::size_t size) {
  return announcing("GET /plaintext", size);
}

inline std::string chunk_of(std::size_t size) {
  return fmt::format("{:X}\r\n", size) + std::string(size, 'x') + "\r\n";
}

inline std::string with_one_chunk_of(std::size_t size) {
  return chunked_start + (size > 0 ? chunk_of(size) : "") + "0\r\n\r\n";
}

inline std::string with_chunks_of_one_byte(std::size_t count) {
  return chunked_start + repeated(chunk_of(1), count) + "0\r\n\r\n";
}

inline std::string with_many_chunks_of(std::size_t size) {
  std::string chunks;
  for (std::size_t left = size, next = 0; left > 0; left -= next) {
    next = std::min(left, next % 7919 + 1013);
    chunks += chunk_of(next);
  }
  return chunked_start + chunks + "0\r\n\r\n";
}

inline std::string with_trailer_section_of(std::size_t size) {
  return chunked_start + "0\r\n" + field_lines_of(size);
}

inline std::string with_trailers(std::size_t count) {
  return chunked_start + chunk_of(3) + "0\r\n" + repeated("A: b\r\n", count) + "\r\n";
}

inline std::string with_connection_options(std::size_t count) {
  return "GET /json HTTP/1.1\r\nHost: h\r\nConnection: " + repeated("a,", count - 1) + "a\r\n\r\n";
}

/// With a trailer as long as a trailer section of this size allows.
inline std::string with_trailer_in_section_of(std::size_t size) {
  const std::string end = "\r\n\r\n";
  return chunked_start + "0\r\nA: " + std::string(size - 3 - end.size(), 'b') + end;
}

inline std::string with_extension_of(std::size_t size) {
  return chunked_start + "1;" + std::string(size - 1, 'e') + "\r\nx\r\n0\r\n\r\n";
}

inline std::string with_extension_of_the_last_chunk_of(std::size_t size) {
  return chunked_start + chunk_of(1) + "0;" + std::string(size - 1, 'e') + "\r\n\r\n";
}

inline std::string with_extensions_of(std::size_t size) {
  std::string chunks;
  for (; size > 200; size -= 100) chunks += "1;" + std::string(99, 'e') + "\r\nx\r\n";
  return chunked_start + chunks + "1;" + std::string(size - 51, 'e') + "\r\nx\r\n0;" + std::string(49, 'e') +
         "\r\n\r\n";
}

inline std::string with_chunk_size_digits(std::size_t count) {
  return chunked_start + std::string(count - 1, '0') + "1\r\nx\r\n0\r\n\r\n";
}

inline std::string with_empty_lines(std::size_t count) {
  return repeated("\r\n", count) + get_start + "\r\n";
}

}  // namespace chopin::test
