#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "chopin/byte_buffer.hpp"
#include "chopin/error.hpp"
#include "chopin/json.hpp"

namespace chopin {

/// A header field checked once and added to many answers.
class FieldLine {
 public:
  /// Throws std::invalid_argument for a name that is no token, a value with a control byte or white space
  /// around it (RFC 9110 section 5), and for fields that the server itself writes.
  FieldLine(std::string_view name, std::string_view value);

  /// "Name: value" with its CR LF.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

/// An answer as a handler fills it. The server adds Content-Length, Server, Date and Connection.
class Response {
 public:
  /// 200..599; else std::invalid_argument.
  Response& status(std::uint16_t code);
  [[nodiscard]] std::uint16_t status() const noexcept { return status_; }

  /// Adds a field; checks it as FieldLine does.
  Response& field(std::string_view name, std::string_view value);
  Response& field(const FieldLine& line);
  /// The same, instead of all fields of this name.
  Response& replace_field(std::string_view name, std::string_view value);

  /// Replaces the body.
  Response& body(std::string_view content_type, std::string_view bytes);
  Response& body(std::string_view content_type, const char* bytes) {
    return body(content_type, std::string_view(bytes));
  }
  /// A body that is sent from where it is, never copied; for large ones. Not null.
  Response& body(std::string_view content_type, std::shared_ptr<const std::string> shared);
  Response& text(std::string_view bytes) { return body("text/plain; charset=utf-8", bytes); }
  Response& html(std::string_view bytes) { return body("text/html; charset=utf-8", bytes); }
  /// The body will be what is written into the result.
  JsonWriter json() {
    content_ = Content::json;
    body_.clear();
    return JsonWriter(body_);
  }
  /// {"success":true,"data":...} around what `write_data` writes into the JsonWriter it is given.
  template <class WriteData>
  Response& success(WriteData write_data) {
    JsonWriter out = json();
    out.begin_object().member("success", true).key("data");
    write_data(out);
    out.end_object();
    return *this;
  }
  /// {"success":false,"error":{"code":...,"message":...}} with the code of the status, instead of all that
  /// has been filled in so far. `code`: 400..599.
  Response& error(std::uint16_t code, std::string_view message, const HttpError::Fields& fields = {});
  /// 204.
  Response& no_content();

  /// Empty where there is none.
  [[nodiscard]] std::string_view content_type() const noexcept {
    switch (content_) {
      case Content::none: break;
      case Content::json: return "application/json";
      case Content::typed:
      case Content::shared: return type_;
    }
    return {};
  }
  /// Whether the body is what was written with `json`.
  [[nodiscard]] bool is_json() const noexcept { return content_ == Content::json; }
  /// The field lines, each with its CR LF.
  [[nodiscard]] std::string_view field_lines() const noexcept { return field_lines_; }
  [[nodiscard]] std::string_view body() const noexcept {
    return has_shared_body() ? std::string_view(*shared_) : body_.bytes();
  }
  [[nodiscard]] bool has_shared_body() const noexcept { return content_ == Content::shared; }
  /// The body where it is shared, which this then has no more; else null.
  [[nodiscard]] std::shared_ptr<const std::string> take_shared_body() noexcept;

  /// An empty 200, with the memory of before for what comes next.
  void reset() noexcept {
    status_ = 200;
    content_ = Content::none;
    if (!field_lines_.empty()) clear_field_lines();
    body_.clear();
  }

 private:
  enum class Content : std::uint8_t { none, json, typed, shared };

  void set_type(std::string_view content_type);
  void clear_field_lines() noexcept;

  std::uint16_t status_ = 200;
  Content content_ = Content::none;
  std::string type_;  // of the content, or of that of an answer before
  std::string field_lines_;
  ByteBuffer body_;
  std::shared_ptr<const std::string> shared_;  // where the content is
};

}  // namespace chopin
