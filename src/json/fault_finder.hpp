#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chopin/json.hpp"
#include "json/grammar.hpp"

namespace chopin::json {

/// Reads a text up to the first place where it is not JSON, in as many steps as wanted. Allocates nothing,
/// and costs 1 to 35 instructions for each byte, whatever the text.
///
/// Thread safety: one thread at a time.
/// Lifetime: a view of the text.
/// Throws: std::bad_alloc from `fault`.
class FaultFinder {
 public:
  explicit FaultFinder(std::string_view text) noexcept;

  /// Reads `size` bytes more, or some more than that: numbers are read whole. False if there is nothing left
  /// to read: the end or a fault has been reached.
  bool read(std::size_t size) noexcept;
  /// Once `read` has returned false. The reason is empty if nothing is wrong.
  [[nodiscard]] JsonFault fault() const {
    return reason_ == nullptr ? JsonFault{} : JsonFault{reason_, fault_at_};
  }

 private:
  /// What is read next.
  enum class Next : std::uint8_t {
    value,
    value_or_end,  // of the array
    name,
    name_or_end,  // of the object
    colon,
    comma_or_end,
    rest_of_name,
    rest_of_string,
    nothing,
  };

  // `c` is the next byte.
  void read_token(char c) noexcept;
  void read_value(char c) noexcept;
  void read_name(char c) noexcept;
  void read_colon(char c) noexcept;
  void read_comma_or_end(char c) noexcept;
  void begin_string(Next rest) noexcept;
  void read_rest_of_string(Next after) noexcept;
  bool passes_integer() noexcept;
  [[gnu::noinline]] void read_literal(std::string_view literal) noexcept;
  [[gnu::noinline]] void read_number() noexcept;
  void open(char bracket) noexcept;
  void close() noexcept;
  void end_value() noexcept;

  void skip_space() noexcept {
    while (at_ < limit_ && is_space(text_[at_])) ++at_;
  }
  [[nodiscard]] bool is_in_array() const noexcept { return text_[open_[depth_ - 1]] == '['; }
  [[gnu::noinline]] void refuse_end() noexcept;
  [[gnu::noinline]] void refuse(const char* reason, std::size_t at) noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t limit_ = 0;  // of this step
  std::size_t string_begin_ = 0;
  const char* reason_ = nullptr;
  std::size_t fault_at_ = 0;
  std::size_t depth_ = 0;
  Next next_ = Next::value;
  std::array<std::uint32_t, max_nesting>
      open_;  // the brackets that are not closed yet; not more than 4 GiB away
};

}  // namespace chopin::json
