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

/// Writes JSON (RFC 8259) at the end of a buffer, with the commas where they belong.
///
///     JsonWriter(out).begin_object().member("id", 7).member("name", name).end_object();
///
/// Strings are taken for UTF-8: `"`, `\` and control characters are escaped, and each byte that belongs to no
/// well-formed sequence becomes U+FFFD. Integers are exact; a double is the shortest text that reads back as
/// the same number, and null where JSON has none (infinities, not-a-number).
class JsonWriter {
  enum class Part : std::uint8_t { name, value };

 public:
  /// `out` outlives the writer.
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
  /// A character is neither a number nor a text that is sure to be UTF-8.
  JsonWriter& value(char) = delete;
  JsonWriter& value(double number);
  /// Finished JSON, copied as it is.
  JsonWriter& raw(std::string_view json);

  template <class Name, class Value>
  [[gnu::always_inline]] JsonWriter& member(const Name& name, const Value& content) {
    return key(name).value(content);
  }

 private:
  /// Room for a value of at most `size` bytes, behind the comma that it needs.
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

  /// Of these the compiler does the work, so that nothing is left of it but to store their bytes.
  [[gnu::always_inline]] static bool is_short_literal(const char* text) noexcept {
    constexpr std::size_t most_bytes = 32;
    return __builtin_constant_p(__builtin_strlen(text)) != 0 && __builtin_strlen(text) <= most_bytes;
  }
  /// Calls nothing that returns here, so that it has no registers to save.
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

/// Where a text stops being JSON.
struct JsonFault {
  std::string reason;
  std::size_t offset = 0;  ///< bytes from the start
};

/// What a member can be read into.
template <class Value>
concept JsonScalar =
    std::same_as<Value, std::string> || std::same_as<Value, bool> || std::same_as<Value, std::int64_t> ||
    std::same_as<Value, std::uint64_t> || std::same_as<Value, double>;

/// A JSON object sent by a client, read member by member into variables. What is missing or of another type
/// is collected, so that the client hears of all of it at once.
///
///     std::string name;
///     std::int64_t count = 1;
///     JsonObject(request.body()).required("name", name).optional("count", count).check();
///
/// A name that begins with `/` is a JSON Pointer (RFC 6901): "/address/city", and "/~1" for the member `/`.
/// Names are compared with their escapes resolved; of several members with one name the first counts. Not for
/// several threads.
class JsonObject {
 public:
  /// Throws HttpError 400 with the reason and the offset where `text` is not JSON, and 422 where it is no
  /// object. Copies the text.
  explicit JsonObject(std::string_view text);

  /// The value is left as it is where there is a fault. What is written with a fraction or an exponent is no
  /// integer: 1.0, 1e2.
  template <JsonScalar Value>
  JsonObject& required(std::string_view name, Value& value) {
    return read(name, value, true);
  }
  /// The same, but the member may be missing or null.
  template <JsonScalar Value>
  JsonObject& optional(std::string_view name, Value& value) {
    return read(name, value, false);
  }
  /// A fault found by the caller: "price", "must be positive".
  JsonObject& refuse(std::string_view name, std::string_view message);
  /// Throws HttpError 422 (VALIDATION_ERROR) that names every fault, if there is one.
  void check() const;

  /// What is wrong with `text` as JSON (RFC 8259), by reason and offset; an empty reason where nothing is.
  /// Numbers may be of any size, but arrays and objects lie in each other 1024 deep at most, and half a
  /// surrogate pair is refused, which no std::string could hold.
  static JsonFault validate(std::string_view text);

 private:
  class Document;
  /// Keeps a document for the thread's next text.
  struct Recycle {
    void operator()(Document* document) const noexcept;
  };

  template <JsonScalar Value>
  JsonObject& read(std::string_view name, Value& value, bool is_required);

  std::unique_ptr<Document, Recycle> document_;
  std::vector<std::pair<std::string, std::string>> faults_;
};

}  // namespace chopin
