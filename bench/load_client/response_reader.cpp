#include "load_client/response_reader.hpp"

#include <algorithm>
#include <utility>

#include "load_client/text.hpp"

namespace load {

namespace {

constexpr std::size_t most_of_a_head = std::size_t{64} * 1024;
constexpr std::size_t most_of_a_line = std::size_t{8} * 1024;
constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

bool has_token(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equals(trimmed(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

void ResponseReader::begin(bool to_head) noexcept {
  state_ = State::head;
  to_head_ = to_head;
  closes_ = is_chunked_ = has_length_ = false;
  status_ = 0;
  left_ = 0;
  held_.clear();
}

ResponseReader::Progress ResponseReader::read(std::string_view bytes) {
  while (!bytes.empty()) {
    if (state_ == State::done || !step(bytes)) return Progress::malformed;
  }
  return state_ == State::done ? Progress::complete : Progress::incomplete;
}

ResponseReader::Progress ResponseReader::end() noexcept {
  return state_ == State::until_close ? Progress::complete : Progress::incomplete;
}

bool ResponseReader::step(std::string_view& bytes) {
  switch (state_) {
    case State::head: return read_head(bytes);
    case State::sized:
    case State::chunk: skip(bytes); return true;
    case State::chunk_size:
    case State::chunk_end:
    case State::trailer: return read_line_of_chunks(bytes);
    case State::until_close: bytes = {}; return true;
    case State::done: break;
  }
  return false;
}

bool ResponseReader::read_head(std::string_view& bytes) {
  if (held_.empty()) {  // the usual case: all in one piece
    if (const std::size_t end = bytes.find(head_end); end != std::string_view::npos) {
      const std::string_view head = bytes.substr(0, end + line_end.size());
      bytes.remove_prefix(end + head_end.size());
      return parse_head(head);
    }
  }
  const std::size_t held = held_.size();
  held_.append(bytes);
  const std::size_t from = held < head_end.size() ? 0 : held - head_end.size() + 1;
  const std::size_t end = held_.find(head_end, from);
  if (end == std::string::npos) {
    bytes = {};
    return held_.size() <= most_of_a_head;
  }
  bytes.remove_prefix(end + head_end.size() - held);
  held_.resize(end + line_end.size());
  const std::string head = std::exchange(held_, {});
  return parse_head(head);
}

/// `head`: lines, each with its end.
bool ResponseReader::parse_head(std::string_view head) {
  bool is_first = true;
  while (!head.empty()) {
    const std::size_t end = head.find(line_end);
    const std::string_view line = head.substr(0, end);
    if (!(is_first ? parse_status_line(line) : parse_field(line))) return false;
    is_first = false;
    head.remove_prefix(end + line_end.size());
  }
  if (status_ == 101 || (is_chunked_ && has_length_)) return false;
  choose_body();
  return true;
}

bool ResponseReader::parse_status_line(std::string_view line) {
  constexpr std::string_view protocol = "HTTP/1.";
  constexpr std::size_t code_at = protocol.size() + 2;  // after the minor version and a space
  std::uint64_t code = 0;
  if (line.size() < code_at + 3 || !line.starts_with(protocol) || line[code_at - 1] != ' ') return false;
  if (line.size() > code_at + 3 && line[code_at + 3] != ' ') return false;
  if (!parse(line.substr(code_at, 3), 10, code) || code < 100 || code > 599) return false;
  status_ = static_cast<int>(code);
  closes_ = line[protocol.size()] == '0';
  return true;
}

bool ResponseReader::parse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (equals(name, "Content-Length")) {
    std::uint64_t length = 0;
    if (!parse(value, 10, length) || (has_length_ && length != left_)) return false;
    has_length_ = true;
    left_ = length;
  } else if (equals(name, "Transfer-Encoding")) {
    if (is_chunked_ || !equals(value, "chunked")) return false;
    is_chunked_ = true;
  } else if (equals(name, "Connection")) {
    if (has_token(value, "close"))
      closes_ = true;
    else if (has_token(value, "keep-alive"))
      closes_ = false;
  }
  return true;
}

void ResponseReader::choose_body() noexcept {
  if (status_ < 200) {
    begin(to_head_);  // the response itself follows
  } else if (to_head_ || status_ == 204 || status_ == 304) {
    state_ = State::done;
  } else if (is_chunked_) {
    state_ = State::chunk_size;
  } else if (has_length_) {
    state_ = left_ == 0 ? State::done : State::sized;
  } else {
    state_ = State::until_close;
    closes_ = true;
  }
}

void ResponseReader::skip(std::string_view& bytes) noexcept {
  const std::size_t size = std::min<std::uint64_t>(left_, bytes.size());
  bytes.remove_prefix(size);
  left_ -= size;
  if (left_ == 0) state_ = state_ == State::sized ? State::done : State::chunk_end;
}

bool ResponseReader::read_line_of_chunks(std::string_view& bytes) {
  const std::size_t newline = bytes.find('\n');
  const std::size_t size = newline == std::string_view::npos ? bytes.size() : newline + 1;
  held_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (newline == std::string_view::npos) return held_.size() <= most_of_a_line;
  const std::string line = std::exchange(held_, {});
  if (!line.ends_with(line_end)) return false;
  return parse_line_of_chunks(std::string_view(line).substr(0, line.size() - line_end.size()));
}

bool ResponseReader::parse_line_of_chunks(std::string_view line) {
  switch (state_) {
    case State::chunk_size:
      if (!parse(trimmed(line.substr(0, line.find(';'))), 16, left_)) return false;
      state_ = left_ == 0 ? State::trailer : State::chunk;
      return true;
    case State::chunk_end: state_ = State::chunk_size; return line.empty();
    case State::trailer:
      if (line.empty()) state_ = State::done;
      return true;
    default: return false;
  }
}

}  // namespace load
