#include "chopin/response.hpp"

#include <stdexcept>
#include <utility>

#include "http/field_rules.hpp"
#include "http/set_cookie.hpp"
#include "http/status.hpp"
#include "json/error_object.hpp"
#include "text/characters.hpp"
#include "text/copy.hpp"

namespace chopin {
namespace {

void require_field(std::string_view name, std::string_view value) {
  const std::string_view fault = http::fault_of_field(name, value);
  if (!fault.empty()) throw std::invalid_argument(std::string(fault) + " '" + std::string(name) + "'");
}

std::string line_of(std::string_view name, std::string_view value) {
  std::string line;
  return line.append(name).append(": ").append(value).append("\r\n");
}

bool is_line_of(std::string_view line, std::string_view name) noexcept {
  return line.size() > name.size() && line[name.size()] == ':' &&
         text::equals_ignoring_case(line.substr(0, name.size()), name);
}

}  // namespace

FieldLine::FieldLine(TextArgument name, TextArgument value) {
  require_field(name, value);
  text_ = line_of(name, value);
}

Response& Response::status(std::uint16_t code) {
  if (code < 200 || code > 599) {
    throw std::invalid_argument("a response's status is 200..599, not " + std::to_string(code));
  }
  status_ = code;
  return *this;
}

Response& Response::field(TextArgument name, TextArgument value) {
  require_field(name, value);
  add_line(name, value);
  return *this;
}

Response& Response::field(const FieldLine& line) {
  const std::string& text = line.text();
  field_lines_.commit(text::put(field_lines_.prepare(text.size()), text));
  initials_ |= initial_of(text);
  return *this;
}

Response& Response::replace_field(TextArgument name, TextArgument value) {
  require_field(name, value);
  remove_field(name);
  add_line(name, value);
  return *this;
}

Response& Response::cookie(const Cookie& cookie) {
  const std::string_view fault = http::fault_of(cookie);
  if (!fault.empty()) throw std::invalid_argument(std::string(fault) + " '" + cookie.name + "'");
  add_line("Set-Cookie", http::set_cookie_value(cookie));
  return *this;
}

void Response::remove_lines(std::string_view name) noexcept {
  for (std::size_t at = 0; at < field_lines_.size();) {
    const std::string_view rest = field_lines_.bytes().substr(at);
    const std::size_t size = rest.find('\n') + 1;
    if (is_line_of(rest.substr(0, size), name)) {
      field_lines_.erase(at, size);
    } else {
      at += size;
    }
  }
}

void Response::set_type(std::string_view content_type) {
  if (content_type == type_) return;  // most responses have the type of the last one
  if (!http::is_field_value(content_type)) throw std::invalid_argument("illegal content type");
  type_ = content_type;
}

Response& Response::body(TextArgument content_type, TextArgument bytes) {
  set_type(content_type);
  body_.assign(bytes);
  content_ = Content::typed;
  shared_.reset();
  return *this;
}

Response& Response::body(TextArgument content_type, std::shared_ptr<const std::string> shared) {
  if (shared == nullptr) throw std::invalid_argument("there is no body to share");
  set_type(content_type);
  content_ = Content::shared;
  shared_ = std::move(shared);
  return *this;
}

std::shared_ptr<const std::string> Response::take_shared_body() noexcept {
  if (!has_shared_body()) return nullptr;
  content_ = Content::none;
  return std::move(shared_);
}

Response& Response::error(std::uint16_t status_code, TextArgument message, const HttpError::Fields& fields,
                          TextArgument error_code) {
  if (status_code < 400) {
    throw std::invalid_argument("an error's status is 400..599, not " + std::to_string(status_code));
  }
  status(status_code);
  clear_field_lines();
  const std::string_view code = error_code;
  // First, because the message may be a view of the body, which json() clears.
  const std::string object =
      json::error_object(code.empty() ? http::error_code(status_code) : std::string(code), message, fields);
  json().raw(object);
  shared_.reset();
  return *this;
}

Response& Response::no_content() {
  status_ = 204;
  content_ = Content::none;
  shared_.reset();
  body_.clear();
  return *this;
}

void Response::add_line(std::string_view name, std::string_view value) {
  constexpr std::string_view colon = ": ";
  constexpr std::string_view line_end = "\r\n";
  initials_ |= initial_of(name);
  char* out = field_lines_.room(name.size() + colon.size() + value.size() + line_end.size());
  if (out == nullptr) [[unlikely]]
    return field_lines_.append(line_of(name, value));  // copied first: either may be a view of these lines
  out = text::put(text::put(out, name), colon);
  out = text::put(text::put(out, value), line_end);
  field_lines_.commit(out);
}

}  // namespace chopin
