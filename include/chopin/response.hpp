#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "chopin/byte_buffer.hpp"
#include "chopin/cookie.hpp"
#include "chopin/error.hpp"
#include "chopin/json.hpp"
#include "chopin/json_value.hpp"
#include "chopin/text_argument.hpp"

namespace chopin {

/// A field checked once and added to many responses.
///
/// Thread safety: immutable.
/// Lifetime: owns its text.
/// Throws: std::invalid_argument from the constructor; std::bad_alloc.
class FieldLine {
 public:
  /// Throws std::invalid_argument for a name that is not a token, a value with a control byte or surrounding
  /// white space (RFC 9110 section 5), and for a field that the server writes itself.
  FieldLine(TextArgument name, TextArgument value);

  /// "Name: value" with its CR LF.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

/// The response that a handler fills. The server adds Content-Length, Server, Date and Connection.
///
/// Thread safety: one thread at a time.
/// Lifetime: copies all texts; the views it returns are valid until the next change.
/// Throws: std::invalid_argument as said below, and the response is then unchanged; std::bad_alloc.
class Response {
 public:
  /// `code`: 200..599; throws std::invalid_argument for any other.
  Response& status(std::uint16_t code);
  [[nodiscard]] std::uint16_t status() const noexcept { return status_; }

  /// Adds a field, checked like a FieldLine.
  Response& field(TextArgument name, TextArgument value);
  Response& field(const FieldLine& line);
  /// The same, but replaces all fields with this name.
  Response& replace_field(TextArgument name, TextArgument value);
  /// Adds a Set-Cookie. Throws std::invalid_argument for a cookie that browsers would refuse, or that would
  /// be read as another one.
  Response& cookie(const Cookie& cookie);
  /// Removes all fields with this name.
  Response& remove_field(TextArgument name) noexcept {
    const std::string_view text = name;
    if (!text.empty() && (initials_ & initial_of(text)) != 0) remove_lines(text);
    return *this;
  }

  /// Replaces the body. Throws std::invalid_argument for an illegal content type.
  Response& body(TextArgument content_type, TextArgument bytes);
  /// A body that is sent without a copy; for large ones. Not null.
  Response& body(TextArgument content_type, std::shared_ptr<const std::string> shared);
  Response& text(TextArgument bytes) { return body("text/plain; charset=utf-8", bytes); }
  Response& html(TextArgument bytes) { return body("text/html; charset=utf-8", bytes); }
  /// Replaces the body by what is written into the result, which refers to this response.
  JsonWriter json() {
    content_ = Content::json;
    body_.clear();
    return JsonWriter(body_);
  }
  /// Replaces the body by a struct that has `json_members`, or a vector of them. Throws what write_json
  /// throws; the body is then incomplete.
  template <json::TopLevel Value>
  Response& json(const Value& value) {
    JsonWriter out = json();
    write_json(out, value);
    return *this;
  }
  /// {"success":true,"data":...} around what `write_data` writes into the JsonWriter it is given.
  template <std::invocable<JsonWriter&> WriteData>
  Response& success(WriteData write_data) {
    JsonWriter out = json();
    out.begin_object().member("success", true).key("data");
    write_data(out);
    out.end_object();
    return *this;
  }
  /// The same around a value that `json` takes.
  template <json::TopLevel Value>
  Response& success(const Value& value) {
    return success([&value](JsonWriter& out) { write_json(out, value); });
  }
  /// {"success":false,"error":{"code":...,"message":...}} replaces fields and body. `status_code`:
  /// 400..599. `error_code`: empty for that of the status.
  Response& error(std::uint16_t status_code, TextArgument message, const HttpError::Fields& fields = {},
                  TextArgument error_code = {});
  /// Status 204 and no body.
  Response& no_content();

  /// Empty if there is no body.
  [[nodiscard]] std::string_view content_type() const noexcept {
    switch (content_) {
      case Content::none: break;
      case Content::json: return "application/json";
      case Content::typed:
      case Content::shared: return type_;
    }
    return {};
  }
  /// Whether the body was written with `json`.
  [[nodiscard]] bool is_json() const noexcept { return content_ == Content::json; }
  /// The field lines, each with its CR LF.
  [[nodiscard]] std::string_view field_lines() const noexcept { return field_lines_.bytes(); }
  [[nodiscard]] std::string_view body() const noexcept {
    return has_shared_body() ? std::string_view(*shared_) : body_.bytes();
  }
  [[nodiscard]] bool has_shared_body() const noexcept { return content_ == Content::shared; }
  /// Takes the shared body out of the response; null if there is none.
  [[nodiscard]] std::shared_ptr<const std::string> take_shared_body() noexcept;

  /// Back to an empty 200, keeping the memory for the next response unless it is large.
  void reset() noexcept {
    status_ = 200;
    if (shared_ != nullptr) [[unlikely]]
      shared_.reset();
    content_ = Content::none;
    clear_field_lines();
    body_.clear();
  }

 private:
  enum class Content : std::uint8_t { none, json, typed, shared };

  void set_type(std::string_view content_type);
  void remove_lines(std::string_view name) noexcept;
  void add_line(std::string_view name, std::string_view value);
  void clear_field_lines() noexcept {
    field_lines_.clear();
    initials_ = 0;
  }
  /// A bit for the first letter of a line or name, whatever its case.
  static std::uint32_t initial_of(std::string_view line) noexcept {
    return std::uint32_t{1} << (static_cast<unsigned char>(line.front()) % 32U);
  }

  std::uint16_t status_ = 200;
  Content content_ = Content::none;
  std::string type_;  // of the content, or left over from an earlier response
  ByteBuffer field_lines_;
  std::uint32_t initials_ = 0;  // of the lines: most names that are to be removed have another
  ByteBuffer body_;
  std::shared_ptr<const std::string> shared_;  // where the content is
};

}  // namespace chopin
