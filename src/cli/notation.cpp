#include "cli/notation.hpp"

#include <limits>

#include "text/characters.hpp"
#include "text/number.hpp"
#include "text/utf8.hpp"

namespace chopin::cli {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// A number with one of the units, in any case.
template <std::size_t Count>
std::optional<std::uint64_t> to_quantity(std::string_view text, const Unit (&units)[Count]) noexcept {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = text::to_number(text.substr(0, digits));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (!text::equals_ignoring_case(text.substr(digits), unit.name)) continue;
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<bool> to_bool(std::string_view text) noexcept {
  for (const std::string_view yes : {"true", "1", "yes", "on"}) {
    if (text::equals_ignoring_case(text, yes)) return true;
  }
  for (const std::string_view no : {"false", "0", "no", "off"}) {
    if (text::equals_ignoring_case(text, no)) return false;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> to_size(std::string_view text) noexcept {
  constexpr std::uint64_t kibi = 1024;
  constexpr Unit units[] = {{"", 1},
                            {"b", 1},
                            {"k", kibi},
                            {"kb", kibi},
                            {"kib", kibi},
                            {"m", kibi * kibi},
                            {"mb", kibi * kibi},
                            {"mib", kibi * kibi},
                            {"g", kibi * kibi * kibi},
                            {"gb", kibi * kibi * kibi},
                            {"gib", kibi * kibi * kibi}};
  return to_quantity(text, units);
}

std::optional<std::chrono::milliseconds> to_duration(std::string_view text) noexcept {
  constexpr Unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  constexpr std::uint64_t longest = 1000ULL * 3'600'000;  // far beyond any timeout, far below overflow
  const auto quantity = to_quantity(text, units);
  if (!quantity || *quantity > longest) return std::nullopt;
  return std::chrono::milliseconds(*quantity);
}

bool is_service_link(std::string_view text) noexcept {
  return text.starts_with("tcp://") || text.starts_with("udp://") || text.starts_with("sctp://");
}

std::string_view without_byte_order_mark(std::string_view text) noexcept {
  if (text.starts_with(text::byte_order_mark)) text.remove_prefix(text::byte_order_mark.size());
  return text;
}

}  // namespace chopin::cli
