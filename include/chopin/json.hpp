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
#include "chopin/plain_text.hpp"

namespace chopin {

/// Appends JSON (RFC 8259) to a buffer and places the commas.
///
///     JsonWriter(out).begin_object().member("id", 7).member("name", name).end_object();
///
/// Strings are read as UTF-8: `"`, `\` and control characters are escaped, and each byte outside a
/// well-formed sequence becomes U+FFFD. Integers are exact; a double is the shortest text that reads back as
/// the same number, or null if it is infinite or not a number.
///
/// Thread safety: one thread at a time.
/// Lifetime: the buffer must outlive the writer; texts are copied into it.
/// Throws: std::bad_alloc if the buffer cannot grow.
class JsonWriter {
  enum class Part : std::uint8_t { name, value };

 public:
  explicit JsonWriter(ByteBuffer& out) noexcept : out_(&out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  /// The name of the next member; its value follows.
  JsonWriter& key(std::string_view name) { return write_any_string<Part::name>(name); }
  [[gnu::always_inline]] JsonWriter& key(const char* name) {
    return is_short_literal(name) ? write_string<Part::name>(name) : key(std::string_view(name));
  }

  JsonWriter& value(std::string_view text) { return write_any_string<Part::value>(text); }
  [[gnu::always_inline]] JsonWriter& value(const char* text) {
    return is_short_literal(text) ? write_string<Part::value>(text) : value(std::string_view(text));
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
  JsonWriter& raw(std::string_view json);

  template <class Name, class Value>
  [[gnu::always_inline]] JsonWriter& member(const Name& name, const Value& content) {
    return key(name).value(content);
  }

 private:
  /// Makes room for a value of at most `size` bytes, after its comma if it needs one.
  char* begin_value(std::size_t size) {
    char* const out = out_->prepare(size + 1);
    *out = ',';
    return out + (needs_comma_ ? 1 : 0);
  }
  JsonWriter& open(char bracket) {
    char* const out = begin_value(1);
    *out = bracket;
    out_->commit(out + 1);
    needs_comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_->push_back(bracket);
    needs_comma_ = true;
    return *this;
  }
  static constexpr std::size_t most_around_a_string = 4;  // comma, quotes and colon

  /// For these the compiler checks for escapes itself, and only the stores are left.
  [[gnu::always_inline]] static bool is_short_literal(const char* text) noexcept {
    constexpr std::size_t most_bytes = 32;
    return __builtin_constant_p(__builtin_strlen(text)) != 0 && __builtin_strlen(text) <= most_bytes;
  }
  /// Makes tail calls only, so that it has no registers to save.
  template <Part Written>
  [[gnu::always_inline]] JsonWriter& write_string(std::string_view text) {
    char* out = out_->room(text.size() + most_around_a_string);
    if (out == nullptr) [[unlikely]]
      return write_string_with_care<Written>(text);
    *out = ',';
    out += needs_comma_ ? 1 : 0;
    *out++ = '"';
    if (!json::copy_plain(text, out)) [[unlikely]]
      return write_string_with_care<Written>(text);
    out += text.size();
    *out++ = '"';
    if constexpr (Written == Part::name) *out++ = ':';
    out_->commit(out);
    needs_comma_ = Written == Part::value;
    return *this;
  }
  template <Part Written>
  JsonWriter& write_any_string(std::string_view text);
  template <Part Written>
  [[gnu::noinline]] JsonWriter& write_string_with_care(std::string_view text);
  template <class Number>
  JsonWriter& write_number(Number number);

  ByteBuffer* out_;
  bool needs_comma_ = false;
};

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
///
/// Thread safety: one thread at a time.
/// Lifetime: copies the text; the variables are written during the call.
/// Throws: HttpError as said below; std::bad_alloc.
class JsonObject {
 public:
  /// Throws HttpError 400 with reason and offset if `text` is not JSON, and 422 if it is not an object.
  explicit JsonObject(std::string_view text);

  /// If the member is missing or of another type, `value` is left unchanged. A number written with a fraction
  /// or an exponent is not an integer: 1.0, 1e2.
  template <JsonScalar Value>
  JsonObject& required(std::string_view name, Value& value) {
    return read(name, value, true);
  }
  /// The same, but the member may be missing or null.
  template <JsonScalar Value>
  JsonObject& optional(std::string_view name, Value& value) {
    return read(name, value, false);
  }
  /// Adds a fault found by the caller: "price", "must be positive".
  JsonObject& refuse(std::string_view name, std::string_view message);
  /// Throws HttpError 422 (VALIDATION_ERROR) naming every fault, if there is any.
  void check() const;

  /// Checks `text` against RFC 8259; the reason is empty if nothing is wrong. Numbers may be of any size.
  /// Arrays and objects nest at most 1024 deep. Half a surrogate pair is refused: UTF-8 cannot encode it.
  static JsonFault validate(std::string_view text);

 private:
  class Document;
  /// Keeps the document for the thread's next text.
  struct Recycle {
    void operator()(Document* document) const noexcept;
  };

  template <JsonScalar Value>
  JsonObject& read(std::string_view name, Value& value, bool is_required);

  std::unique_ptr<Document, Recycle> document_;
  std::vector<std::pair<std::string, std::string>> faults_;
};

}  // namespace chopin
