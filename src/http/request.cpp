#include "chopin/request.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "chopin/error.hpp"
#include "chopin/log.hpp"
#include "http/media_type.hpp"
#include "http/trusted_proxies.hpp"
#include "text/characters.hpp"

namespace chopin {
namespace {

std::string_view without_quotes(std::string_view value) noexcept {
  const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

std::string_view Request::query() const noexcept {
  const std::size_t mark = parts_.target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : parts_.target.substr(mark + 1);
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

std::vector<std::string_view> Request::field_values(TextArgument name) const {
  std::vector<std::string_view> values;
  for (const Field& field : parts_.fields) {
    if (text::equals_ignoring_case(field.name, name)) values.push_back(field.value);
  }
  return values;
}

std::optional<std::string_view> Request::cookie(TextArgument name) const noexcept {
  for (const Field& field : parts_.fields) {
    if (!text::equals_ignoring_case(field.name, "Cookie")) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::string_view pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || text::trimmed(pair.substr(0, equals)) != std::string_view(name))
        continue;
      return without_quotes(text::trimmed(pair.substr(equals + 1)));
    }
  }
  return std::nullopt;
}

Peer Request::peer() const {
  if (parts_.peer == nullptr) return {};
  return parts_.proxies == nullptr ? *parts_.peer : parts_.proxies->client_of(*parts_.peer, parts_.fields);
}

std::shared_ptr<const std::string> Request::shared_body() const noexcept {
  if (parts_.shared_body == nullptr || *parts_.shared_body == nullptr) return nullptr;
  const bool is_the_body = std::string_view(**parts_.shared_body).data() == parts_.body.data();
  return is_the_body && !parts_.body.empty() ? *parts_.shared_body : nullptr;
}

std::string_view Request::json_text() const {
  http::refuse_content_coding(parts_.fields);
  if (!json_of_any_type_ && !http::is_json(field("Content-Type"))) {
    throw HttpError(415, "the body must be JSON, with a Content-Type such as application/json");
  }
  return parts_.body;
}

Form Request::form() const {
  http::refuse_content_coding(parts_.fields);
  if (!http::is_form(field("Content-Type"))) {
    throw HttpError(415, "the body must be a form, with the Content-Type application/x-www-form-urlencoded");
  }
  return Form(parts_.body);
}

const Log& Request::log() const noexcept {
  static const Log none;
  return parts_.log == nullptr ? none : *parts_.log;
}

const PerWorkerServices& Request::services() const noexcept {
  static const PerWorkerServices none;
  return parts_.services == nullptr ? none : *parts_.services;
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

const User& Request::user() const {
  if (user_ == nullptr) throw std::logic_error("this route has no guard that sets a user");
  return *user_;
}

void Request::set_user(User user) {
  user_ = std::make_shared<const User>(std::move(user));
}

}  // namespace chopin
