#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chopin::http {

/// A body at the start of some bytes.
struct FramedBody {
  std::string_view content;
  std::size_t size = 0;  ///< with its framing
};

/// The chunk at the start of `bytes`, with its size line and the line end after its data. Its size is 0 if
/// the chunk is not complete or not plain. The last chunk counts as not plain.
FramedBody read_chunk(std::string_view bytes) noexcept;

/// Reads the chunked body (RFC 9112 section 7.1) at the start of `bytes` if it is complete, has at most
/// `most_content` bytes and the plain shape that nearly all have: no chunk extensions, no trailers, and a
/// last chunk of one zero. The content of a single chunk is a view of `bytes`; that of several is joined in
/// `joined`. Any other body is left to RequestParser: then the result's size is 0.
///
/// RequestParser accepts every body that this accepts, with the same result;
/// tests/fuzz/chunked_body_fuzz.cpp compares them.
///
/// Throws: std::bad_alloc.
FramedBody read_chunked_body(std::string_view bytes, std::uint64_t most_content, std::string& joined);

}  // namespace chopin::http
