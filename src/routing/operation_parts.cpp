#include "chopin/operation_parts.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "chopin/entity_tag.hpp"
#include "http/form_scalar.hpp"

namespace chopin::operations {
namespace {

void read_parameter(const Param& param, const json::Type& type, const json::Rules& rules, void* into) {
  if (http::read_form_scalar(param.value, type, rules, into)) return;
  throw HttpError(404, "there is no resource at this path",
                  {{std::string(param.name), http::form_expectation(type, rules)}});
}

}  // namespace

void declare_once(const json::Type*& declared, const json::Type& type, std::string_view what) {
  if (declared != nullptr) throw std::invalid_argument(fmt::format("a handler takes the {} twice", what));
  json::check_patterns(type);
  declared = &type;
}

void declare_path(Declaration& declaration, const json::Type& type) {
  declare_once(declaration.path, type, "path");
  declaration.errors.push_back({404, "There is no resource at this path."});
}

void declare_query(Declaration& declaration, const json::Type& type) {
  declare_once(declaration.query, type, "query");
  declaration.errors.push_back({422, "A parameter is missing, unknown or wrong."});
}

void declare_body(Declaration& declaration, const json::Type& type, std::string_view media_type) {
  declare_once(declaration.body, type, "body");
  declaration.body_type = media_type;
  if (media_type == "application/json") declaration.errors.push_back({400, "The body is not JSON."});
  declaration.errors.push_back({413, "The body is too large."});
  declaration.errors.push_back({415, fmt::format("The body is not {}.", media_type)});
  declaration.errors.push_back({422, "A value of the body is missing, unknown or wrong."});
}

bool respond_with_tag(const Request& request, Response& response, const std::string& tag) {
  response.field("ETag", tag);
  const bool reads = request.method() == Method::get || request.method() == Method::head;
  if (!reads || response.status() != 200 || !is_not_modified(request, tag)) return false;
  response.status(304);
  return true;
}

void read_path(const Request& request, const json::Type& type, void* into) {
  if (type.kind != json::Kind::object) return read_parameter(request.params().front(), type, {}, into);
  for (const json::ObjectMember& member : type.members) {
    read_parameter({member.name, request.param(member.name)}, *member.type, member.rules, member.of(into));
  }
}

}  // namespace chopin::operations
