#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chopin/multipart.hpp"
#include "http/multipart_head.hpp"

namespace chopin::http {

enum class MultipartEvent : std::uint8_t {
  needs_input,
  part,      ///< a part begins: `head`
  bytes,     ///< some of its content: `bytes`
  part_end,  ///< its content was whole
  end,       ///< of the form
};

/// Reads a body of the type multipart/form-data (RFC 2046 section 5.1) from pieces of any size. Its events do
/// not depend on where the pieces begin, but for the sizes of `bytes`. Takes linear time: a boundary holds no
/// CR, so a place where it might begin is never looked at twice.
///
/// What comes before the first boundary and after the last one is ignored.
///
/// Thread safety: one thread at a time.
/// Lifetime: its events are about memory of its own and of the last input.
/// Throws: HttpError as chopin::Multipart says. After it every call throws.
class MultipartParser {
 public:
  using Event = MultipartEvent;

  /// `boundary` must be legal.
  MultipartParser(std::string_view boundary, const MultipartLimits& limits);

  /// Takes bytes from the front of `input` until something has happened. `needs_input` if it takes all.
  Event next(std::string_view& input);
  /// The body has ended. Throws HttpError 400 unless its last boundary was there.
  Event finish();

  /// Valid until the next call, and as long as the input.
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
  /// Valid until the next part.
  [[nodiscard]] const PartHead& head() const noexcept { return part_; }

 private:
  enum class State : std::uint8_t {
    preamble,       // before the first boundary
    boundary,       // after one
    first_hyphen,   // of those that make a boundary the last one
    padding,        // after a boundary
    line_end,       // after its CR
    head,           // of a part
    content,        // of a part
    last_boundary,  // after the last boundary, or its padding
    last_line_end,  // after its CR
    epilogue,
    refused,
  };

  bool read_to_boundary(std::string_view& input);
  bool resume_boundary(std::string_view& input);
  void find_boundary(std::string_view& input);
  void begin_content() noexcept;
  State after_boundary(char c);
  bool read_head(std::string_view& input);
  void count_ignored(std::size_t size);
  void count_content();
  [[noreturn]] void refuse(std::uint16_t status, const std::string& message);

  const MultipartLimits limits_;
  const std::string delimiter_;  // CR LF, two hyphens, the boundary
  State state_ = State::preamble;
  std::size_t matched_ = 0;  // of the delimiter, at the end of the input so far
  std::size_t implied_ = 0;  // of those, the CR LF that are no content if the delimiter is none
  bool is_in_part_ = false;
  std::string head_;
  PartHead part_;
  std::string_view bytes_;
  std::size_t ignored_ = 0;  // bytes since the last boundary, or after it
  std::size_t part_count_ = 0;
  std::uint64_t part_size_ = 0;
  std::uint64_t content_size_ = 0;
};

}  // namespace chopin::http
