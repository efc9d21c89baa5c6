#include "http/media_type.hpp"

#include "chopin/error.hpp"
#include "text/characters.hpp"

namespace chopin::http {
namespace {

HttpError unsupported_coding() {
  HttpError error(415, "the body has a content coding, and only identity is taken");
  error.add_field("Accept-Encoding", "identity");  // says what is unsupported: RFC 9110 section 12.5.3
  return error;
}

std::string_view without_parameters(std::string_view content_type) noexcept {
  return text::trimmed(content_type.substr(0, content_type.find(';')));
}

}  // namespace

bool is_form(std::string_view content_type) noexcept {
  return text::equals_ignoring_case(without_parameters(content_type), "application/x-www-form-urlencoded");
}

bool is_json(std::string_view content_type) noexcept {
  constexpr std::string_view usual = "application/json";
  constexpr std::string_view suffix = "+json";
  if (content_type == usual) return true;
  const std::string_view type = without_parameters(content_type);
  if (text::equals_ignoring_case(type, usual)) return true;
  const std::size_t slash = type.find('/');
  return slash != std::string_view::npos && type.size() > slash + 1 + suffix.size() &&
         text::equals_ignoring_case(type.substr(type.size() - suffix.size()), suffix);
}

bool has_content_coding(std::span<const Field> fields) noexcept {
  bool found = false;
  for (const Field& field : fields) {
    if (!text::equals_ignoring_case(field.name, "Content-Encoding")) continue;
    text::for_each_element(field.value, [&found](std::string_view coding) {
      found |= !coding.empty() && !text::equals_ignoring_case(coding, "identity");
    });
  }
  return found;
}

void refuse_content_coding(std::span<const Field> fields) {
  if (has_content_coding(fields)) throw unsupported_coding();
}

}  // namespace chopin::http
