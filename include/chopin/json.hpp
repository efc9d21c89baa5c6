#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
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
  JsonWriter& value(std::nullptr_t);
  JsonWriter& value(std::same_as<bool> auto truth) { return boolean(truth); }
  template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
  JsonWriter& value(Number number) {
    if constexpr (std::signed_integral<Number>) return integer(std::int64_t{number});
    else return unsigned_integer(std::uint64_t{number});
  }
  JsonWriter& value(double number);
  /// Finished JSON, copied as it is.
  JsonWriter& raw(std::string_view json);

  template <class Value>
  JsonWriter& member(std::string_view name, const Value& content) {
    return key(name).value(content);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& boolean(bool truth);
  JsonWriter& integer(std::int64_t number);
  JsonWriter& unsigned_integer(std::uint64_t number);
  void separate();

  std::string* out_;
  bool needs_comma_ = false;
};

/// Where a text stops being JSON.
struct JsonFault {
  std::string reason;
  std::size_t offset = 0;  ///< bytes from the start
};

/// A JSON object sent by a client, read member by member into variables. What is missing or of another type
/// is collected, so that the client hears of all of it at once.
///
///     std::string name;
///     std::int64_t count = 1;
///     JsonObject(request.body()).required("name", name).optional("count", count).check();
///
/// A name that begins with `/` is a JSON Pointer (RFC 6901): "/address/city". Not for several threads.
class JsonObject {
 public:
  /// Throws HttpError 400 with the reason and the offset where `text` is not JSON, and 422 where it is no
  /// object. Copies the text.
  explicit JsonObject(std::string_view text);
  ~JsonObject();
  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(JsonObject&&) noexcept;

  /// Value: std::string, bool, std::int64_t, std::uint64_t or double. Left as it is where there is a fault.
  template <class Value>
  JsonObject& required(std::string_view name, Value& value) {
    return read(name, value, true);
  }
  /// The same, but the member may be missing or null.
  template <class Value>
  JsonObject& optional(std::string_view name, Value& value) {
    return read(name, value, false);
  }
  /// A fault found by the caller: "price", "must be positive".
  JsonObject& refuse(std::string_view name, std::string_view message);
  /// Throws HttpError 422 (VALIDATION_ERROR) that names every fault, if there is one.
  void check() const;

  /// What is wrong with `text` as JSON, by reason and offset; an empty reason where nothing is.
  static JsonFault validate(std::string_view text);

 private:
  class Document;

  JsonObject& read(std::string_view name, std::string& value, bool is_required);
  JsonObject& read(std::string_view name, bool& value, bool is_required);
  JsonObject& read(std::string_view name, std::int64_t& value, bool is_required);
  JsonObject& read(std::string_view name, std::uint64_t& value, bool is_required);
  JsonObject& read(std::string_view name, double& value, bool is_required);

  std::unique_ptr<Document> document_;
  std::vector<std::pair<std::string, std::string>> faults_;
};

}  // namespace chopin
