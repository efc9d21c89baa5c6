#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connection/pace.hpp"
#include "connection/request_route.hpp"
#include "http/request_parser.hpp"

namespace chopin::connection {

/// A request whose body is not complete. It has copies of all it needs, because the input moves with each
/// read.
struct Upload {
  http::RequestParser parser;
  std::string head;                   ///< its bytes
  std::shared_ptr<std::string> body;  ///< a response may share it; not null
  bool wants_body;
  std::uint64_t most = 0;  ///< as large as the body can be
  bool has_progressed = true;
  std::uint64_t unpaced = 0;    ///< bytes that have come, and that `pace` does not know of
  bool is_in_parts = false;     ///< a handler reads it in parts, into `body` if it is chunked
  std::uint64_t remaining = 0;  ///< of a body in parts that is not chunked
  std::size_t held = 0;         ///< the size of the part that the handler has, at the start of the input
  Pace pace;
  bool is_paced = false;  ///< `pace` has been told of the first wait

  RequestRoute route;
  std::string path;
  std::vector<Param> params;

  /// Of a body that grows, what has come: the rest of its memory is not touched yet.
  [[nodiscard]] std::size_t memory() const noexcept {
    return sizeof *this + head.capacity() + (is_in_parts ? body->capacity() : body->size()) +
           path.capacity() + params.capacity() * sizeof(Param);
  }

  /// Before up to `incoming` bytes are appended to the body. A string that doubles copies half of a large
  /// body in one piece: of 16 that grew to 16 MiB at once, others had to wait 54 ms. What is not touched
  /// costs only addresses, at most 16 times what the client has sent.
  void make_room(std::size_t incoming) {
    constexpr std::uint64_t growth = 16;
    const std::uint64_t needed = body->size() + incoming;
    if (wants_body && needed > body->capacity()) body->reserve(std::min(most, growth * needed));
  }

  /// Bytes of the body have come.
  void progress(std::size_t bytes) noexcept {
    has_progressed |= bytes > 0;
    unpaced += bytes;
  }
  /// Copies what the router has found. `found_params` are views of the path, and become views of the copy.
  void keep(const RequestRoute& found, const std::vector<Param>& found_params) {
    route = found;
    path = found.path;
    route.path = path;
    params = found_params;
    for (Param& param : params) {
      const auto offset = static_cast<std::size_t>(param.value.data() - found.path.data());
      param.value = std::string_view(path).substr(offset, param.value.size());
    }
  }
};

}  // namespace chopin::connection
