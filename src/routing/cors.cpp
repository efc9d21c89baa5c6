#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "chopin/middleware.hpp"
#include "http/field_rules.hpp"
#include "routing/preflight.hpp"
#include "routing/request_id_note.hpp"
#include "text/characters.hpp"

namespace chopin::middleware {
namespace {

constexpr std::string_view every_origin = "*";
constexpr std::string_view expose_field = "Access-Control-Expose-Headers";

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list.append(list.empty() ? "" : ", ").append(name);
  return list;
}

[[noreturn]] void refuse(std::string_view what) {
  throw std::invalid_argument(fmt::format("cors: {}", what));
}

/// `scheme://host[:port]` in lower case, without a path: what a browser sends in Origin (RFC 6454
/// section 6.2).
bool is_origin(std::string_view text) noexcept {
  const std::size_t scheme = text.find("://");
  if (scheme == 0 || scheme == std::string_view::npos) return text == every_origin;
  const std::string_view host = text.substr(scheme + 3);
  return !host.empty() && host.find_first_of("/?#@, \t") == std::string_view::npos &&
         http::is_field_value(text) &&
         std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

void check(const CorsOptions& options) {
  if (options.origins.empty()) refuse("there is no origin");
  const bool has_every = std::ranges::find(options.origins, every_origin) != options.origins.end();
  for (const std::string& origin : options.origins) {
    if (!is_origin(origin)) {
      refuse(fmt::format("'{}' is not an origin; give '*', or one like 'https://example.com'", origin));
    }
  }
  if (has_every && options.origins.size() > 1) refuse("'*' must be the only origin");
  if (has_every && options.credentials) refuse("credentials need a list of origins, not '*'");
  for (const auto* const names : {&options.fields, &options.exposed_fields}) {
    for (const std::string& name : *names) {
      const bool is_name = !name.empty() && text::consists_of(name, text::character_class::token);
      if (!is_name) refuse(fmt::format("'{}' is not a field name", name));
    }
  }
  if (options.max_age.count() < 0) refuse("max_age is negative");
}

/// The options, with their lists as the fields have them.
class Policy {
 public:
  explicit Policy(const CorsOptions& options)
      : origins_(options.origins),
        is_for_every_origin_(origins_.front() == every_origin),
        exposed_(joined(options.exposed_fields)),
        preflight_{.fields = joined(options.fields), .max_age = std::to_string(options.max_age.count())},
        preflight_lines_(routing::preflight_lines(preflight_)),
        credentials_(options.credentials) {}

  [[nodiscard]] const FieldLine& allow_every_origin() const noexcept { return allow_every_origin_; }
  /// Then every response gets the same one field, but for preflights and request ids.
  [[nodiscard]] bool needs_only_origin() const noexcept { return is_for_every_origin_ && exposed_.empty(); }

  /// Whether scripts of this origin may read the response. Replaces what a fast route may have set itself.
  bool allow(std::string_view origin, Response& response) const {
    response.remove_field(routing::allow_origin.first);
    if (is_for_every_origin_) {
      response.field(allow_every_origin_);
      return true;
    }
    response.field("Vary", "Origin");  // for caches
    if (std::ranges::find(origins_, origin) == origins_.end()) return false;
    response.field(routing::allow_origin.first, origin);
    if (credentials_) response.field("Access-Control-Allow-Credentials", "true");
    return true;
  }

  void complete(const Request& request, Response& response) const {
    const std::string_view origin = is_for_every_origin_ ? "" : request.field("Origin");
    if (!allow(origin, response)) return;
    const bool has_request_id = !request.note(routing::request_id_note).empty();
    const auto with_request_id = [has_request_id](std::string list) {
      if (has_request_id) list.append(list.empty() ? "" : ", ").append(routing::request_id_field);
      return list;
    };
    if (request.method() != Method::options || response.status() != 204) {
      if (has_request_id || !exposed_.empty())
        response.replace_field(expose_field, with_request_id(exposed_));
      return;
    }
    if (!has_request_id) return routing::put_preflight_lines(preflight_lines_, response);
    const routing::PreflightLists lists{.fields = with_request_id(preflight_.fields),
                                        .max_age = preflight_.max_age};
    routing::put_preflight_lines(routing::preflight_lines(lists), response);
  }

 private:
  FieldLine allow_every_origin_{routing::allow_origin.first, every_origin};
  std::vector<std::string> origins_;
  bool is_for_every_origin_;
  std::string exposed_;
  routing::PreflightLists preflight_;
  std::vector<FieldLine> preflight_lines_;  // without a request id
  bool credentials_;
};

}  // namespace

Middleware cors(std::string reason, const CorsOptions& options) {
  check(options);
  const auto policy = std::make_shared<const Policy>(options);
  const auto complete = [policy](const Request& request, Response& response) {
    policy->complete(request, response);
  };
  const auto complete_most = [policy](const Request& request, Response& response) {
    // Not a response to a preflight, and without a request id, which would have added a field.
    const bool is_usual = response.status() != 204 &&
                          (response.field_lines().empty() || request.note(routing::request_id_note).empty());
    if (is_usual) [[likely]] {
      policy->allow({}, response);
    } else {
      policy->complete(request, response);
    }
  };
  Middleware layer{.name = "cors", .reason = std::move(reason)};
  if (policy->needs_only_origin()) {
    layer.after = complete_most;
  } else {
    layer.after = complete;
  }
  layer.on_refusal = [policy](std::string_view origin, Response& response) {
    policy->allow(origin, response);
  };
  return layer;
}

}  // namespace chopin::middleware
