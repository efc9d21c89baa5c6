#include "chopin/json_place.hpp"

namespace chopin::json {
namespace {

constexpr unsigned state_bits = 4;
constexpr std::uint64_t deepest_tracked = 60;

}  // namespace

/// From 61 levels on the kinds of the open arrays and objects no longer fit. Then the upper bits are the
/// depth, and the innermost one counts as both.
void Place::enter(std::uint64_t kind) noexcept {
  const std::uint64_t around = word_ >> state_bits;
  if (is_start()) {
    word_ = outermost | kind;
  } else if (!is_tracked()) {
    word_ = (around + 1) << state_bits | array | object;
  } else if (word_ >> 63 != 0) {
    word_ = (deepest_tracked + 1) << state_bits | array | object;
  } else {
    const std::uint64_t innermost = (word_ & object) != 0 ? 1 : 0;
    word_ = (around << 1 | innermost) << state_bits | kind;
  }
}

void Place::note_end() noexcept {
  const std::uint64_t around = word_ >> state_bits;
  if (around == 1) {
    word_ = done;
  } else if (!is_tracked()) {
    word_ = (around - 1) << state_bits | array | object | comma;
  } else {
    word_ = (around >> 1) << state_bits | ((around & 1) != 0 ? object : array) | comma;
  }
}

}  // namespace chopin::json
