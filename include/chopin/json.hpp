#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chopin {

/// Writes JSON (RFC 8259) at the end of a string, with the commas where they belong.
///
///     JsonWriter(out).begin_object().member("id", 7).member("name", name).end_object();
///
/// Strings are taken for UTF-8: `"`, `\` and control characters are escaped, and each byte that belongs to no
/// well-formed sequence becomes U+FFFD. Integers are exact; a double is the shortest text that reads back as
/// the same number, and null where JSON has none (infinities, not-a-number).
class JsonWriter {
 public:
  /// `out` outlives the writer.
  explicit JsonWriter(std::string& out) noexcept : out_(&out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  /// The name of the next member; its value follows.
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::nullptr_t) { return raw("null"); }
  JsonWriter& value(std::same_as<bool> auto truth) { return raw(truth ? "true" : "false"); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  JsonWriter& value(Number number) {
    if constexpr (std::signed_integral<Number>)
      return integer(std::int64_t{number});
    else
      return unsigned_integer(std::uint64_t{number});
  }
  /// A character is neither a number nor a text that is sure to be UTF-8.
  JsonWriter& value(char) = delete;
  JsonWriter& value(double number);
  /// Finished JSON, copied as it is.
  JsonWriter& raw(std::string_view json);

  template <class Value>
  JsonWriter& member(std::string_view name, const Value& content) {
    return key(name).value(content);
  }

 private:
  JsonWriter& open(char bracket) {
    separate();
    *out_ += bracket;
    needs_comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    *out_ += bracket;
    needs_comma_ = true;
    return *this;
  }
  void separate() {
    if (needs_comma_) *out_ += ',';
    needs_comma_ = true;
  }
  JsonWriter& integer(std::int64_t number);
  JsonWriter& unsigned_integer(std::uint64_t number);

  std::string* out_;
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
