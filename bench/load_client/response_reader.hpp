#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace load {

/// Finds the end of a response (RFC 9112 section 6.3), whatever pieces it comes in, and keeps none of its
/// body.
class ResponseReader {
 public:
  enum class Progress : std::uint8_t { incomplete, complete, malformed };

  /// Before each response. One to HEAD has no body, whatever its fields say.
  void begin(bool to_head) noexcept;
  /// Bytes after the end are malformed: nothing more was asked for. After `complete` and `malformed`, only
  /// `begin`.
  [[nodiscard]] Progress read(std::string_view bytes);
  /// The server has closed. Complete only if the body has no other end.
  [[nodiscard]] Progress end() noexcept;

  /// When it is complete.
  [[nodiscard]] int status() const noexcept { return status_; }
  /// Whether the server closes the connection after it.
  [[nodiscard]] bool closes() const noexcept { return closes_; }
  /// Whether nothing of it has come yet.
  [[nodiscard]] bool is_at_start() const noexcept { return state_ == State::head && held_.empty(); }

 private:
  enum class State : std::uint8_t { head, sized, chunk_size, chunk, chunk_end, trailer, until_close, done };

  /// Each reads what it can and takes it off the bytes; false if that is malformed.
  bool step(std::string_view& bytes);
  bool read_head(std::string_view& bytes);
  bool parse_head(std::string_view head);
  bool parse_status_line(std::string_view line);
  bool parse_field(std::string_view line);
  void choose_body() noexcept;
  bool read_line_of_chunks(std::string_view& bytes);
  bool parse_line_of_chunks(std::string_view line);
  void skip(std::string_view& bytes) noexcept;

  State state_ = State::head;
  bool to_head_ = false;
  bool closes_ = false;
  bool is_chunked_ = false;
  bool has_length_ = false;
  int status_ = 0;
  std::uint64_t left_ = 0;  // of a body with a length, or of a chunk
  std::string held_;        // a head or line that is not yet complete
};

}  // namespace load
