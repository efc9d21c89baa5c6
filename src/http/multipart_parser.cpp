#include "http/multipart_parser.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "chopin/error.hpp"
#include "text/characters.hpp"

namespace chopin::http {
namespace {

std::size_t common_size(std::string_view a, std::string_view b) noexcept {
  const auto ends = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(ends.in1 - a.begin());
}

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary, const MultipartLimits& limits)
    : limits_(limits), delimiter_(fmt::format("{}--{}", text::crlf, boundary)) {
  begin_content();  // the first boundary may be the first line
}

MultipartEvent MultipartParser::next(std::string_view& input) {
  if (state_ == State::refused) refuse(400, "the form was refused");
  while (!input.empty()) {
    switch (state_) {
      case State::preamble:
        if (read_to_boundary(input)) count_ignored(bytes_.size());
        break;
      case State::content:
        if (!read_to_boundary(input)) break;
        count_content();
        return Event::bytes;
      case State::head:
        if (read_head(input)) return Event::part;
        break;
      case State::epilogue:
        count_ignored(input.size());
        input = {};
        break;
      default:
        state_ = after_boundary(input.front());
        input.remove_prefix(1);
        if ((state_ == State::head || state_ == State::last_boundary) && is_in_part_) {
          is_in_part_ = false;
          return Event::part_end;
        }
    }
  }
  return Event::needs_input;
}

MultipartEvent MultipartParser::finish() {
  if (state_ != State::last_boundary && state_ != State::epilogue)
    refuse(400, "the form ends without its last boundary");
  return Event::end;
}

/// True if there are `bytes_` that belong to no boundary.
bool MultipartParser::read_to_boundary(std::string_view& input) {
  bytes_ = {};
  if (matched_ == 0 || !resume_boundary(input)) find_boundary(input);
  if (matched_ == delimiter_.size()) {
    state_ = State::boundary;
    matched_ = 0;
  }
  return !bytes_.empty();
}

/// Goes on where the input before ended in what may be a boundary. False if it is none, and was no content.
bool MultipartParser::resume_boundary(std::string_view& input) {
  const std::size_t same = common_size(std::string_view(delimiter_).substr(matched_), input);
  matched_ += same;
  input.remove_prefix(same);
  if (matched_ == delimiter_.size() || input.empty()) return true;
  bytes_ = std::string_view(delimiter_).substr(implied_, matched_ - implied_);
  matched_ = 0;
  return !bytes_.empty();
}

/// Takes all up to a boundary, or what may be the beginning of one.
void MultipartParser::find_boundary(std::string_view& input) {
  std::size_t at = input.find('\r');
  implied_ = 0;
  while (at != std::string_view::npos) {
    const std::size_t same = common_size(delimiter_, input.substr(at));
    if (same == delimiter_.size() || at + same == input.size()) {
      matched_ = same;
      break;
    }
    at = input.find('\r', at + same);
  }
  bytes_ = input.substr(0, at);
  input.remove_prefix(bytes_.size() + matched_);
}

/// The CR LF before content is that of a boundary too, if this follows at once.
void MultipartParser::begin_content() noexcept {
  matched_ = text::crlf.size();
  implied_ = text::crlf.size();
}

/// The state after a byte that follows a boundary.
MultipartParser::State MultipartParser::after_boundary(char c) {
  const bool is_space = c == ' ' || c == '\t';
  switch (state_) {
    case State::boundary:
      ignored_ = 0;
      if (c == '-') return State::first_hyphen;
      [[fallthrough]];
    case State::padding:
      if (c == '\r') return State::line_end;
      if (!is_space) break;
      count_ignored(1);
      return State::padding;
    case State::line_end:
      if (c != '\n') break;
      if (part_count_++ == limits_.max_parts)
        refuse(413, fmt::format("the form has more than {} parts", limits_.max_parts));
      return State::head;
    case State::first_hyphen:
      if (c == '-') return State::last_boundary;
      break;
    case State::last_boundary:
      if (c == '\r') return State::last_line_end;
      if (!is_space) break;
      count_ignored(1);
      return State::last_boundary;
    case State::last_line_end:
      if (c == '\n') return State::epilogue;
      break;
    default: break;
  }
  refuse(400, "a boundary of the form does not end in CR LF");
}

/// True if the head is complete.
bool MultipartParser::read_head(std::string_view& input) {
  const std::string_view line = input.substr(0, input.find('\n'));
  const std::string_view taken = input.substr(0, line.size() + 1);
  if (head_.size() + taken.size() > limits_.max_head)
    refuse(400, fmt::format("the head of a part has more than {} bytes", limits_.max_head));
  head_ += taken;
  input.remove_prefix(taken.size());
  if (!head_.ends_with('\n')) return false;
  if (!head_.ends_with(text::crlf)) refuse(400, "a line of a part's head ends without CR");
  if (head_ != text::crlf && !head_.ends_with("\r\n\r\n")) return false;
  state_ = State::refused;  // unless the head is read
  part_ = read_part_head(head_, limits_);
  head_.clear();
  state_ = State::content;
  is_in_part_ = true;
  part_size_ = 0;
  begin_content();
  return true;
}

void MultipartParser::count_ignored(std::size_t size) {
  ignored_ += size;
  if (ignored_ > limits_.max_head)
    refuse(400, fmt::format("the form has more than {} bytes beside its parts", limits_.max_head));
}

void MultipartParser::count_content() {
  const std::uint64_t part_room = limits_.max_part - part_size_;
  const std::uint64_t content_room = limits_.max_content - content_size_;
  if (bytes_.size() > std::min(part_room, content_room)) {  // the one that is crossed first is named
    if (part_room <= content_room)
      refuse(413, fmt::format("a part of the form has more than {} bytes", limits_.max_part));
    refuse(413, fmt::format("the parts of the form have more than {} bytes", limits_.max_content));
  }
  part_size_ += bytes_.size();
  content_size_ += bytes_.size();
}

void MultipartParser::refuse(std::uint16_t status, const std::string& message) {
  state_ = State::refused;
  throw HttpError(status, message);
}

}  // namespace chopin::http
