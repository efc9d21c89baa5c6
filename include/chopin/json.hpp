#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/byte_buffer.hpp"
#include "chopin/input_faults.hpp"
#include "chopin/json_place.hpp"
#include "chopin/plain_text.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

/// Appends JSON (RFC 8259) to a buffer and places the commas.
///
///     JsonWriter(out).begin_object().member("id", 7).member("name", name).end_object();
///
/// It writes one value. A call that does not fit is refused: a value without a name in an object, a second
/// value outside arrays and objects, an end of what is not open. So is an incomplete text, when the writer
/// ends. More than 60 levels deep, it does not distinguish arrays from objects.
///
/// Strings are read as UTF-8: `"`, `\` and control characters are escaped, and each byte outside a
/// well-formed sequence becomes U+FFFD. Integers are exact; a double is the shortest text that reads back as
/// the same number, or null if it is infinite or not a number.
///
/// Thread safety: one thread at a time.
/// Lifetime: the buffer must outlive the writer; texts are copied into it.
/// Throws: std::logic_error for a call that does not fit, also from the destructor, unless an exception is
///         already being thrown; std::invalid_argument for a name that is a null pointer; std::bad_alloc if
///         the buffer cannot grow.
class JsonWriter {
  enum class Part : std::uint8_t { name, value };

 public:
  explicit JsonWriter(ByteBuffer& out) noexcept : out_(&out) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;
  ~JsonWriter() noexcept(false) {
    if (!place_.is_done()) [[unlikely]]
      refuse_incomplete();
  }

  [[gnu::always_inline]] JsonWriter& begin_object() {
    if (!place_.is_start()) [[unlikely]]
      return open('{');
    char* const out = out_->prepare(1);
    *out = '{';
    out_->commit(out + 1);
    place_.note_first_object();
    return *this;
  }
  [[gnu::always_inline]] JsonWriter& end_object() {
    if (!place_.is_after_first_member()) [[unlikely]]
      return close('}');
    out_->push_back('}');
    place_.note_last_end();
    return *this;
  }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  /// The name of the next member; its value follows.
  JsonWriter& key(std::string_view name) { return write_any_string<Part::name>(name); }
  [[gnu::always_inline]] JsonWriter& key(const char* name) {
    return is_short_literal(name) ? write_string<Part::name>(name)
                                  : key(std::string_view(TextArgument(name)));
  }

  JsonWriter& value(std::string_view text) { return write_any_string<Part::value>(text); }
  /// null for a null pointer.
  [[gnu::always_inline]] JsonWriter& value(const char* text) {
    if (is_short_literal(text)) return write_string<Part::value>(text);
    return text == nullptr ? value(nullptr) : value(std::string_view(text));
  }
  JsonWriter& value(std::nullptr_t) { return raw("null"); }
  JsonWriter& value(std::same_as<bool> auto truth) { return raw(truth ? "true" : "false"); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  JsonWriter& value(Number number) {
    if constexpr (std::signed_integral<Number>)
      return write_number(std::int64_t{number});
    else
      return write_number(std::uint64_t{number});
  }
  /// Deleted: a char could mean a number or a text, and alone need not be UTF-8.
  JsonWriter& value(char) = delete;
  JsonWriter& value(double number);
  /// Copies JSON that is already written, unchecked.
  JsonWriter& raw(TextArgument json);

  template <class Name, class Value>
  [[gnu::always_inline]] JsonWriter& member(const Name& name, const Value& content) {
    if constexpr (std::convertible_to<const Name&, const char*> &&
                  std::convertible_to<const Value&, const char*> && !std::same_as<Value, std::nullptr_t>) {
      if (is_short_literal(name) && is_short_literal(content)) return write_short_member(name, content);
    }
    return key(name).value(content);
  }

 private:
  char* begin_value(std::size_t size);
  [[gnu::noinline]] JsonWriter& open(char bracket);
  [[gnu::noinline]] JsonWriter& close(char bracket);
  [[noreturn, gnu::cold]] void refuse(std::string_view what) const;
  [[gnu::cold]] void refuse_incomplete() const;
  static constexpr std::size_t most_around_a_string = 4;  // comma, quotes and colon

  /// For these the compiler checks for escapes itself, and only the stores are left. A null pointer is tested
  /// first: with sanitizers the length is computed even where it is not a constant.
  [[gnu::always_inline]] static bool is_short_literal(const char* text) noexcept {
    constexpr std::size_t most_bytes = 32;
    return text != nullptr && __builtin_constant_p(__builtin_strlen(text)) != 0 &&
           __builtin_strlen(text) <= most_bytes;
  }
  /// Makes tail calls only, so that it has no registers to save.
  template <Part Written>
  [[gnu::always_inline]] JsonWriter& write_string(std::string_view text) {
    json::Place place = place_;  // a copy, because for all the compiler knows `out` may point into place_
    char* out = out_->room(text.size() + most_around_a_string);
    if (out == nullptr || !takes<Written>(place)) [[unlikely]]
      return write_string_with_care<Written>(text);
    *out = ',';
    out += place.commas();
    *out++ = '"';
    if (!json::copy_plain(text, out)) [[unlikely]]
      return write_string_with_care<Written>(text);
    out += text.size();
    *out++ = '"';
    if constexpr (Written == Part::name) *out++ = ':';
    out_->commit(out);
    note<Written>(place);
    place_ = place;
    return *this;
  }
  /// The same for two literals: one check and one commit.
  [[gnu::always_inline]] JsonWriter& write_short_member(std::string_view name, std::string_view text) {
    json::Place place = place_;
    char* out = out_->room(name.size() + text.size() + 2 * most_around_a_string);
    if (out == nullptr || !place.takes_name()) [[unlikely]]
      return write_member_with_care(name, text);
    *out = ',';
    out += place.commas();
    *out++ = '"';
    if (!json::copy_plain(name, out)) [[unlikely]]
      return write_member_with_care(name, text);
    out += name.size();
    *out++ = '"';
    *out++ = ':';
    *out++ = '"';
    if (!json::copy_plain(text, out)) [[unlikely]]
      return write_member_with_care(name, text);
    out += text.size();
    *out++ = '"';
    out_->commit(out);
    place.note_member();
    place_ = place;
    return *this;
  }
  [[gnu::noinline]] JsonWriter& write_member_with_care(std::string_view name, std::string_view text);
  template <Part Written>
  [[nodiscard]] static bool takes(const json::Place& place) noexcept {
    return Written == Part::name ? place.takes_name() : place.takes_value();
  }
  template <Part Written>
  static void note(json::Place& place) noexcept {
    Written == Part::name ? place.note_name() : place.note_value();
  }
  template <Part Written>
  JsonWriter& write_any_string(std::string_view text);
  template <Part Written>
  [[gnu::noinline]] JsonWriter& write_string_with_care(std::string_view text);
  template <class Number>
  JsonWriter& write_number(Number number);

  ByteBuffer* out_;
  json::Place place_;
};

namespace json {

class Document;
/// Keeps the document for the thread's next text.
struct RecycleDocument {
  void operator()(Document* document) const noexcept;
};

}  // namespace json

/// Why and where a text is not JSON.
struct JsonFault {
  std::string reason;
  std::size_t offset = 0;  ///< bytes from the start
};

/// The types a member can be read into.
template <class Value>
concept JsonScalar =
    std::same_as<Value, std::string> || std::same_as<Value, bool> || std::same_as<Value, std::int64_t> ||
    std::same_as<Value, std::uint64_t> || std::same_as<Value, double>;

/// A JSON object sent by a client, read member by member into variables. Missing members and wrong types are
/// collected, so that one response reports all of them.
///
///     std::string name;
///     std::int64_t count = 1;
///     JsonObject(request.body()).required("name", name).optional("count", count).check();
///
/// A name that begins with `/` is a JSON Pointer (RFC 6901): "/address/city", and "/~1" for the member `/`.
/// Names are compared with their escapes resolved; if several members have the same name the first counts.
/// So does the first fault of a member.
///
/// Thread safety: one thread at a time.
/// Lifetime: copies the text; the variables are written during the call.
/// Throws: HttpError as said below; std::bad_alloc.
class JsonObject {
 public:
  /// Throws HttpError 400 with reason and offset if `text` is not JSON, and 422 if it is not an object.
  explicit JsonObject(TextArgument text);

  /// If the member is missing or of another type, `value` is left unchanged. A number written with a fraction
  /// or an exponent is not an integer: 1.0, 1e2.
  template <JsonScalar Value>
  JsonObject& required(TextArgument name, Value& value) {
    return read(name, value, true);
  }
  /// The same, but the member may be missing or null.
  template <JsonScalar Value>
  JsonObject& optional(TextArgument name, Value& value) {
    return read(name, value, false);
  }
  /// Adds a fault found by the caller: "price", "must be positive". Without effect if the member has one.
  JsonObject& refuse(TextArgument name, TextArgument message) {
    inputs_.refuse(name, message);
    return *this;
  }
  /// Whether `required` or `optional` has read a value of this name into its variable.
  [[nodiscard]] bool has_read(TextArgument name) const noexcept { return inputs_.has_read(name); }
  /// Throws HttpError 422 (VALIDATION_ERROR) naming every fault, if there is any.
  void check() const { inputs_.check("the body has invalid members"); }

  /// Checks `text` against RFC 8259; the reason is empty if nothing is wrong. Numbers may be of any size.
  /// Arrays and objects nest at most 1024 deep. Half a surrogate pair is refused: UTF-8 cannot encode it.
  static JsonFault validate(TextArgument text);

 private:
  // Not constrained: g++ 14 and clang 18 made a constraint part of the symbol's name, and could not link to a
  // library that an older compiler has built.
  template <class Value>
  JsonObject& read(std::string_view name, Value& value, bool is_required);

  std::unique_ptr<json::Document, json::RecycleDocument> document_;
  InputFaults inputs_;
};

}  // namespace chopin
