#include "chopin/request.hpp"

#include <algorithm>
#include <stdexcept>

#include "chopin/error.hpp"
#include "chopin/log.hpp"
#include "http/media_type.hpp"
#include "text/characters.hpp"
#include "text/percent.hpp"

namespace chopin {
namespace {

/// Decodes `application/x-www-form-urlencoded`; malformed encodings are left as they are.
std::string decode_form(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (const auto byte = text::decode_percent(text.substr(at))) {
      decoded += *byte;
      at += 2;
    } else {
      decoded += text[at] == '+' ? ' ' : text[at];
    }
  }
  return decoded;
}

}  // namespace

std::string_view Request::query() const noexcept {
  const std::size_t mark = parts_.target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : parts_.target.substr(mark + 1);
}

std::optional<std::string> Request::query_value(TextArgument name) const {
  std::string_view rest = query();
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (decode_form(pair.substr(0, equals)) == std::string_view(name)) {
      return decode_form(pair.substr(std::min(equals + 1, pair.size())));
    }
  }
  return std::nullopt;
}

std::string_view Request::param(TextArgument name) const {
  const auto found = std::ranges::find(parts_.params, std::string_view(name), &Param::name);
  if (found == parts_.params.end()) {
    throw std::out_of_range("the route has no parameter '" + std::string(name) + "'");
  }
  return found->value;
}

std::string_view Request::field(TextArgument name) const noexcept {
  for (const Field& field : parts_.fields) {
    if (text::equals_ignoring_case(field.name, name)) return field.value;
  }
  return {};
}

JsonObject Request::json() const {
  http::refuse_content_coding(parts_.fields);
  if (!json_of_any_type_ && !http::is_json(field("Content-Type"))) {
    throw HttpError(415, "the body must be JSON, with a Content-Type such as application/json");
  }
  return JsonObject(parts_.body);
}

const Log& Request::log() const noexcept {
  static const Log none;
  return parts_.log == nullptr ? none : *parts_.log;
}

std::string_view Request::note(TextArgument name) const noexcept {
  for (const auto& [known, value] : notes_) {
    if (known == std::string_view(name)) return value;
  }
  return {};
}

void Request::set_note(TextArgument name, std::string value) {
  for (auto& [known, old_value] : notes_) {
    if (known == std::string_view(name)) {
      old_value = std::move(value);
      return;
    }
  }
  notes_.emplace_back(std::string(name), std::move(value));
}

}  // namespace chopin
