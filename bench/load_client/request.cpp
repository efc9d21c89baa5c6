#include "load_client/request.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "load_client/text.hpp"

namespace load {

namespace {

/// The value of the first such field, in a head whose lines end with CR LF.
std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos) {
    std::string_view line = head.substr(at + 2);
    line = line.substr(0, line.find("\r\n"));
    const std::size_t colon = std::min(line.find(':'), line.size());
    if (equals(line.substr(0, colon), name)) return trimmed(line.substr(std::min(colon + 1, line.size())));
    at = head.find("\r\n", at + 2);
  }
  return std::nullopt;
}

void require(bool is_right, const char* fault) {
  if (!is_right) throw std::invalid_argument(fault);
}

}  // namespace

Request request_of(std::string bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  require(end != std::string::npos, "has no empty line after the head; lines end with CR LF");
  const std::string_view head = std::string_view(bytes).substr(0, end);
  const std::string_view body = std::string_view(bytes).substr(end + 4);
  if (field(head, "Transfer-Encoding").has_value()) {
    require(body.starts_with("0\r\n") || body.find("\r\n0\r\n") != std::string_view::npos,
            "has a chunked body without the last chunk");
    require(body.ends_with("\r\n\r\n"), "has bytes after the last chunk");
  } else {
    std::uint64_t length = 0;
    require(parse(field(head, "Content-Length").value_or("0"), 10, length), "has a malformed Content-Length");
    require(length == body.size(), "has more or fewer bytes in the body than Content-Length says");
  }
  const bool closes = equals(field(head, "Connection").value_or(""), "close");
  const bool is_head = head.starts_with("HEAD ");
  return Request{std::move(bytes), is_head, closes};
}

Request read_request(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  require(file.is_open(), "cannot be read");
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  require(!file.bad(), "cannot be read");
  return request_of(std::move(bytes));
}

}  // namespace load
