// The same bytes must mean the same requests however they arrive. The input:
//
//   3 bytes  which of the limits below: head, fields, body ('0' is the first, the default)
//   4 bytes  the sizes of the pieces of the split delivery, used cyclically: see PieceSizes
//   1 byte   ignored (a line end, so that the corpus is readable)
//   the rest what the client sends
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fmt/core.h>

#include "delivery.hpp"
#include "fuzz_target.hpp"
#include "pieces.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

constexpr std::size_t prefix_size = 8;

Limits choose_limits(std::string_view prefix) noexcept {
  constexpr std::array<std::uint32_t, 4> heads{Limits{}.max_head, 1024, 128, 16384};
  constexpr std::array<std::uint32_t, 4> fields{Limits{}.max_fields, 1, 2, 8};
  constexpr std::array<std::uint64_t, 4> bodies{Limits{}.max_body, 0, 5, 100};
  return {.max_head = heads[digit(prefix[0]) % heads.size()],
          .max_fields = fields[digit(prefix[1]) % fields.size()],
          .max_body = bodies[digit(prefix[2]) % bodies.size()]};
}

void deliver_in_pieces(Delivery& delivery, PieceSizes sizes) {
  while (delivery.has_more()) delivery.receive(sizes.next());
  delivery.finish();
}

void compare(const Delivery& whole, const Delivery& split) {
  if (whole.outcomes() == split.outcomes()) return;
  for (const std::string& outcome : whole.outcomes()) fmt::print(stderr, "whole: {}\n", outcome);
  for (const std::string& outcome : split.outcomes()) fmt::print(stderr, "split: {}\n", outcome);
  require(false, "the meaning of a stream does not depend on how it is cut");
}

void run(std::string_view input) {
  if (input.size() < prefix_size) return;
  const std::string_view stream = input.substr(prefix_size);
  const Limits limits = choose_limits(input);
  Delivery whole(stream, limits);
  whole.receive(stream.size());
  whole.finish();
  Delivery split(stream, limits);
  deliver_in_pieces(split, PieceSizes(input.substr(3, 4), stream.size()));
  compare(whole, split);
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
