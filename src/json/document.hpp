#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <simdjson.h>

#include "chopin/json.hpp"

namespace chopin::json {

/// A copy of a text, with the padding that simdjson reads, and simdjson's state for it.
///
/// Thread safety: one thread at a time.
/// Lifetime: owns the copy; all values of simdjson are valid until the next text.
/// Throws: std::bad_alloc.
class Document {
 public:
  /// Returns the thread's spare document, or a new one.
  static std::unique_ptr<Document, RecycleDocument> take();
  /// Deletes the spare document if its texts were larger than `most` bytes.
  static void give_back_spare(std::size_t most) noexcept;

  /// Copies a text and finds its structure. False for most texts that are not JSON; what On-Demand does not
  /// look at until it is asked for is not checked: scalars, escapes, what is between them and at the end.
  bool begin(std::string_view text);
  /// The same, after the whole text has been checked. The reason is empty if nothing is wrong.
  JsonFault load(std::string_view text);

  /// The first value again. None if it is a scalar.
  std::optional<simdjson::ondemand::value> root();
  /// Finds a member by name or JSON Pointer. After a load() that found no fault.
  std::optional<simdjson::ondemand::value> find(std::string_view name);
  /// Passes a value, and all in it, and returns whether it is JSON.
  bool pass(simdjson::ondemand::value value);
  /// Whether nothing but white space follows what has been read.
  [[nodiscard]] bool is_at_end() { return json_.current_location().error() == simdjson::OUT_OF_BOUNDS; }
  /// The text from this place on, which is in it.
  [[nodiscard]] std::string_view from(const char* place) const noexcept;

 private:
  friend struct RecycleDocument;
  using Place = std::variant<simdjson::ondemand::array_iterator, simdjson::ondemand::object_iterator>;

  static std::unique_ptr<Document>& spare() noexcept;

  bool walk(simdjson::ondemand::value container);
  bool enter(simdjson::ondemand::value container);
  bool visit(simdjson::ondemand::array_iterator& element);
  bool visit(simdjson::ondemand::object_iterator& member);
  bool visit_value(simdjson::ondemand::value value);
  bool leave();
  void advance();

  std::string text_;  // with the padding
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document json_;
  std::vector<Place> open_;  // the arrays and objects around the current place of a walk
};

/// simdjson 3.1 to 3.9 require a parameter, which older versions do not have and newer ones need not be
/// given: whether half a surrogate pair is replaced. It is not: that is an error.
template <class Field>
simdjson::simdjson_result<std::string_view> unescaped_name(Field& field) {
  if constexpr (requires { field.unescaped_key(); }) {
    return field.unescaped_key();
  } else {
    return field.unescaped_key(false);
  }
}

}  // namespace chopin::json
