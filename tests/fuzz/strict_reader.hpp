#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// RFC 9112 read strictly, in the plainest way and without limits, to check the parser. Shares no code with
/// it. A parser may accept nothing that this refuses.
namespace chopin::fuzz {

struct StrictHead {
  std::string_view method;
  std::string_view target;
  bool is_http_1_1 = false;
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  std::size_t request_line_size = 0;  ///< with its CR LF
  std::size_t size = 0;               ///< with the empty line

  /// The values of all fields of that name, which is given in lower case.
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
  /// Whether an element of a Connection field is `option`, which is given in lower case.
  [[nodiscard]] bool has_connection_option(std::string_view option) const;
};

/// Removes field lines and the empty line after them from the start of `text`. False if they are malformed
/// or have no end.
bool read_strict_fields(std::string_view& text, StrictHead& head);

/// The value of the digits, at most 2^64 - 1.
std::optional<std::uint64_t> read_strict_length(std::string_view digits) noexcept;

/// The head at the start of `bytes`; nothing if it is incomplete or malformed.
std::optional<StrictHead> read_strict_head(std::string_view bytes);

struct StrictChunks {
  std::size_t size = 0;         ///< of the whole body, framing and trailers included
  std::uint64_t data_size = 0;  ///< of the data in the chunks
};

/// The chunked body at the start of `bytes`; nothing if it is incomplete or malformed. What is in its chunks,
/// as far as it goes, is appended to `data`.
std::optional<StrictChunks> read_strict_chunks(std::string_view bytes, std::string* data = nullptr);

bool equals_lower_case(std::string_view text, std::string_view lower_case) noexcept;

}  // namespace chopin::fuzz
