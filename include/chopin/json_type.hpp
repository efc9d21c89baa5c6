#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

/// What the library knows of a type that is read from JSON. `members` makes these tables; programs do not.
namespace chopin::json {

enum class Kind : std::uint8_t {
  boolean,
  signed_integer,
  unsigned_integer,
  number,
  text,
  date,       ///< std::chrono::year_month_day
  date_time,  ///< std::chrono::sys_time
  enumeration,
  object,
  array,
  optional,
};

/// A form that a text must have.
enum class Format : std::uint8_t {
  any,
  email,  ///< as HTML's `<input type=email>` takes it: no quotes, no comments, no address literals
  uuid,   ///< RFC 9562 section 4, in either case
};

class CompiledPattern;

/// Where a compiled pattern is stored; null until it is first used.
using PatternPlace = std::atomic<const CompiledPattern*>;

/// The rules for a value, besides its type. For an array, `items` applies to the array and everything else to
/// its elements; for an optional, everything applies to its value.
struct Rules {
  static constexpr std::size_t most_items_unless_said = 10'000;

  std::size_t least_length = 0;  ///< of a text, in characters (code points of Unicode)
  std::size_t most_length = std::numeric_limits<std::size_t>::max();
  std::size_t least_items = 0;
  std::size_t most_items = most_items_unless_said;
  // Of a number. A long double holds every integer of 64 bits.
  long double least = -std::numeric_limits<long double>::infinity();
  long double most = std::numeric_limits<long double>::infinity();
  bool has_range = false;  // least or most is set
  Format format = Format::any;
  const char* pattern = nullptr;     ///< of a text, see Member::pattern; null for none
  PatternPlace* compiled = nullptr;  ///< of the pattern; null if nothing is kept
};

struct EnumValue {
  std::int64_t number = 0;
  std::string_view name;
};

struct Type;

/// The first eight bytes of a name and the quote after it, as they are in memory.
struct NameStart {
  std::uint64_t bytes = 0;
  std::uint64_t mask = 0;
};

constexpr NameStart start_of(std::string_view name) noexcept {
  NameStart start;
  for (std::size_t i = 0; i < sizeof start.bytes && i <= name.size(); ++i) {
    const std::size_t shift = 8 * (std::endian::native == std::endian::little ? i : 7 - i);
    start.bytes |= std::uint64_t{static_cast<unsigned char>(i < name.size() ? name[i] : '"')} << shift;
    start.mask |= std::uint64_t{0xff} << shift;
  }
  return start;
}

struct ObjectMember {
  std::string_view name;
  NameStart start;
  const Type* type = nullptr;
  void* (*of)(void* object) = nullptr;  ///< where it is in an object
  Rules rules{};
  bool is_required = true;
};

/// A type, and how a value of it is filled from outside.
struct Type {
  Kind kind = Kind::boolean;
  std::uint8_t bytes = 0;                   ///< of a number or an enumeration
  std::string_view name{};                  ///< of an object or enumeration, as the program calls it
  std::int64_t ticks = 0;                   ///< of a date_time, for each second
  std::span<const EnumValue> values{};      ///< of an enumeration
  std::span<const ObjectMember> members{};  ///< of an object
  std::uint64_t required = 0;               ///< of an object: a bit for each member that must be there
  bool ignores_others = false;              ///< of an object: members of other names are allowed
  const Type* inner = nullptr;              ///< of the elements, of the optional's value
  void (*clear)(void* value) = nullptr;     ///< of an array or optional
  void* (*add)(void* value) = nullptr;      ///< appends an element, or makes the optional's value
};

/// Compiles the patterns of a type and of all that it holds, so that a malformed one is found before a client
/// sends anything. Types that hold themselves are checked once.
///
/// Thread safety: any thread.
/// Throws: std::invalid_argument for a malformed pattern, with the pattern and what is wrong with it;
///         std::bad_alloc.
void check_patterns(const Type& type);

}  // namespace chopin::json
