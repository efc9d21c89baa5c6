#pragma once

#include <cstdint>

namespace chopin::json {

/// Where a JsonWriter is in its text: what may follow, and which arrays and objects are open. It is one word,
/// which the compiler can follow through a handler's calls, so that few checks are left in a usual handler.
///
/// Thread safety: one thread at a time.
/// Lifetime: refers to nothing.
/// Throws: nothing.
class Place {
 public:
  [[nodiscard]] bool takes_value() const noexcept { return (word_ & (once | array)) != 0; }
  /// The name of a member may follow, or the end of an object.
  [[nodiscard]] bool takes_name() const noexcept { return (word_ & (once | object)) == object; }
  [[nodiscard]] bool takes_end_of_array() const noexcept { return (word_ & (once | array)) == array; }
  /// 1 if a comma precedes the value or the name, else 0.
  [[nodiscard]] unsigned commas() const noexcept { return static_cast<unsigned>(word_ >> 3) & 1; }
  /// Nothing has been written.
  [[nodiscard]] bool is_start() const noexcept { return word_ == start; }
  /// The text is complete.
  [[nodiscard]] bool is_done() const noexcept { return word_ == done; }
  /// In the outermost object, after a member.
  [[nodiscard]] bool is_after_first_member() const noexcept { return word_ == (outermost | object | comma); }

  void note_value() noexcept { word_ = (word_ & ~once) | comma; }
  void note_name() noexcept { word_ = (word_ | once) & ~comma; }
  /// Name and value.
  void note_member() noexcept { word_ |= comma; }
  /// From the start.
  void note_first_object() noexcept { word_ = outermost | object; }
  void note_object() noexcept { enter(object); }
  void note_array() noexcept { enter(array); }
  void note_end() noexcept;
  /// The end of the outermost object.
  void note_last_end() noexcept { word_ = done; }

 private:
  // The low four bits say what may follow.
  static constexpr std::uint64_t once = 0b0001;  ///< one value: at the start, and after a name
  static constexpr std::uint64_t object = 0b0010;
  static constexpr std::uint64_t array = 0b0100;
  static constexpr std::uint64_t comma = 0b1000;
  /// The other bits have one for each array (0) and object (1) around the innermost, below a leading 1.
  static constexpr std::uint64_t outermost = 0b1'0000;
  static constexpr std::uint64_t start = outermost | once;
  static constexpr std::uint64_t done = outermost | comma;

  [[nodiscard]] bool is_tracked() const noexcept { return (word_ & (array | object)) != (array | object); }
  void enter(std::uint64_t kind) noexcept;

  std::uint64_t word_ = start;
};

}  // namespace chopin::json
