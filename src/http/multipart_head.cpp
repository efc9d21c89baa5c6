#include "http/multipart_head.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <fmt/format.h>

#include "chopin/error.hpp"
#include "http/field_rules.hpp"
#include "http/parameters.hpp"
#include "text/characters.hpp"
#include "text/utf8.hpp"

namespace chopin::http {
namespace {

constexpr std::size_t most_parameters = 10;  // each is compared with those before it

[[noreturn]] void refuse_form(const std::string& message) {
  throw HttpError(400, message);
}

/// The parameters of a field, each once.
class ParameterList {
 public:
  /// `text` begins after the type. `what` has them, for a refusal.
  ParameterList(std::string_view text, std::string_view what) {
    const bool is_sound = for_each_parameter(text, [this, what](const Parameter& parameter) {
      if (find(parameter.name) != nullptr) refuse_form(fmt::format("a parameter of {} is there twice", what));
      if (size_ == all_.size()) return false;
      all_[size_++] = parameter;
      return true;
    });
    if (!is_sound) refuse_form(fmt::format("the parameters of {} are malformed", what));
  }

  [[nodiscard]] const Parameter* find(std::string_view name) const noexcept {
    for (const Parameter& parameter : std::span(all_).first(size_)) {
      if (text::equals_ignoring_case(parameter.name, name)) return &parameter;
    }
    return nullptr;
  }

 private:
  std::array<Parameter, most_parameters> all_{};
  std::size_t size_ = 0;
};

/// RFC 2046 section 5.1.1.
bool is_boundary(std::string_view text) noexcept {
  constexpr std::size_t most = 70;
  const auto is_legal = [](char c) {
    constexpr std::string_view symbols = "'()+_,-./:=? ";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           symbols.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= most && text.back() != ' ' && std::ranges::all_of(text, is_legal);
}

std::string decode_name(const Parameter& parameter) {
  if (!parameter.is_quoted) return std::string(parameter.value);
  std::string decoded;
  for (std::string_view rest = parameter.value; !rest.empty();) {
    std::size_t size = 1;
    if (rest.starts_with("\\\"") || rest.starts_with("\\\\")) {
      decoded += rest[1];
      size = 2;
    } else if (rest.starts_with("%22")) {
      decoded += '"';
      size = 3;
    } else if (rest.starts_with("%0D") || rest.starts_with("%0A")) {
      decoded += rest[2] == 'D' ? '\r' : '\n';
      size = 3;
    } else {
      decoded += rest.front();
    }
    rest.remove_prefix(size);
  }
  return decoded;
}

/// A name that is bounded and UTF-8.
std::string read_name(const Parameter& parameter, std::size_t most, std::string_view what) {
  std::string name = decode_name(parameter);
  if (name.size() > most) refuse_form(fmt::format("{} has more than {} bytes", what, most));
  if (text::valid_utf8_prefix(name) != name.size()) refuse_form(fmt::format("{} is not UTF-8", what));
  return name;
}

/// RFC 7578 section 4.2.
void read_disposition(std::string_view value, const MultipartLimits& limits, PartHead& head) {
  const std::string_view type = value.substr(0, value.find(';'));
  if (!text::equals_ignoring_case(text::trimmed(type), "form-data"))
    refuse_form("the Content-Disposition of a part is not form-data");
  const ParameterList parameters(value.substr(type.size()), "a part's Content-Disposition");
  const Parameter* const name = parameters.find("name");
  if (name == nullptr) refuse_form("a part has no name");
  head.name = read_name(*name, limits.max_name, "the name of a part");
  if (const Parameter* const file = parameters.find("filename"))
    head.file_name = read_name(*file, limits.max_file_name, "the name of a file");
}

/// What would change the content is deprecated (RFC 7578 section 4.7), and no browser sends it.
void check_encoding(std::string_view encoding) {
  for (const std::string_view identity : {"binary", "8bit", "7bit"}) {
    if (text::equals_ignoring_case(encoding, identity)) return;
  }
  refuse_form("a part has a Content-Transfer-Encoding other than binary, 8bit and 7bit");
}

/// Those that count. The others are ignored (RFC 7578 section 4.8).
struct PartFields {
  std::optional<std::string_view> disposition;
  std::optional<std::string_view> type;
  std::optional<std::string_view> encoding;

  void add(std::string_view name, std::string_view value) {
    const auto set = [value](std::optional<std::string_view>& field) {
      if (field) refuse_form("a field of a part is there twice");
      field = value;
    };
    if (text::equals_ignoring_case(name, "Content-Disposition")) set(disposition);
    if (text::equals_ignoring_case(name, "Content-Type")) set(type);
    if (text::equals_ignoring_case(name, "Content-Transfer-Encoding")) set(encoding);
  }
};

PartFields fields_in(std::string_view head) {
  PartFields fields;
  while (head != text::crlf) {
    const std::string_view line = head.substr(0, head.find(text::crlf));
    head.remove_prefix(line.size() + text::crlf.size());
    const std::string_view name = line.substr(0, line.find(':'));
    const bool is_field =
        name.size() < line.size() && !name.empty() && text::consists_of(name, text::character_class::token);
    const std::string_view value = is_field ? text::trimmed(line.substr(name.size() + 1)) : "";
    if (!is_field || !is_field_value(value)) refuse_form("a field of a part is malformed");
    fields.add(name, value);
  }
  return fields;
}

}  // namespace

std::string_view boundary_of(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (!text::equals_ignoring_case(text::trimmed(type), "multipart/form-data"))
    throw HttpError(415, "the body must be a form, with the Content-Type multipart/form-data");
  const ParameterList parameters(content_type.substr(type.size()), "the Content-Type");
  const Parameter* const boundary = parameters.find("boundary");
  if (boundary == nullptr || !is_boundary(boundary->value))
    refuse_form("the Content-Type has no boundary of 1 to 70 legal characters");
  return boundary->value;
}

PartHead read_part_head(std::string_view head, const MultipartLimits& limits) {
  const PartFields fields = fields_in(head);
  PartHead read;
  if (!fields.disposition) refuse_form("a part has no Content-Disposition");
  read_disposition(*fields.disposition, limits, read);
  if (fields.type) read.content_type = *fields.type;
  if (fields.encoding) check_encoding(*fields.encoding);
  return read;
}

}  // namespace chopin::http
