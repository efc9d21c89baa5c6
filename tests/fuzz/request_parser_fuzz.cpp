// The same bytes must mean the same requests however they arrive. The input:
//
//   3 bytes  which of the limits below: head, fields, body ('0' is the first, the default)
//   4 bytes  how large the pieces of the split delivery are, again and again: '1' is one byte (a few of a
//            stream over 1 KiB), '0' a thousand
//   1 byte   nothing (a line end, so that the corpus can be read)
//   the rest what the client sends
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fmt/core.h>

#include "delivery.hpp"
#include "fuzz_target.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

constexpr std::size_t prefix_size = 8;

/// '0' is 0, '1' is 1 and so on through all bytes.
constexpr std::uint8_t digit(char c) noexcept {
  return static_cast<std::uint8_t>(c - '0');
}

Limits choose_limits(std::string_view prefix) noexcept {
  constexpr std::array<std::uint32_t, 4> heads{Limits{}.max_head, 1024, 128, 16384};
  constexpr std::array<std::uint32_t, 4> fields{Limits{}.max_fields, 1, 2, 8};
  constexpr std::array<std::uint64_t, 4> bodies{Limits{}.max_body, 0, 5, 100};
  return {.max_head = heads[digit(prefix[0]) % heads.size()],
          .max_fields = fields[digit(prefix[1]) % fields.size()],
          .max_body = bodies[digit(prefix[2]) % bodies.size()]};
}

/// Of a long stream no piece is very short: parsing a head again at each would cost the square of its size.
void deliver_in_pieces(Delivery& delivery, std::string_view piece_sizes, std::size_t stream_size) {
  constexpr std::size_t most_pieces = 1024;
  for (std::size_t i = 0; delivery.has_more(); ++i) {
    const std::size_t size = digit(piece_sizes[i % piece_sizes.size()]);
    delivery.receive(size == 0 ? 1000 : size + stream_size / most_pieces);
  }
  delivery.finish();
}

void compare(const Delivery& whole, const Delivery& split) {
  if (whole.outcomes() == split.outcomes()) return;
  for (const std::string& outcome : whole.outcomes()) fmt::print(stderr, "whole: {}\n", outcome);
  for (const std::string& outcome : split.outcomes()) fmt::print(stderr, "split: {}\n", outcome);
  require(false, "a stream means the same however it is cut");
}

void run(std::string_view input) {
  if (input.size() < prefix_size) return;
  const std::string_view stream = input.substr(prefix_size);
  const Limits limits = choose_limits(input);
  Delivery whole(stream, limits);
  whole.receive(stream.size());
  whole.finish();
  Delivery split(stream, limits);
  deliver_in_pieces(split, input.substr(3, 4), stream.size());
  compare(whole, split);
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
