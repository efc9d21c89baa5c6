#include "docs/openapi.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "chopin/declaration.hpp"
#include "docs/schemas.hpp"
#include "http/status.hpp"
#include "routing/pattern.hpp"

namespace chopin::docs {
namespace {

using routing::Pattern;

constexpr std::string_view error_reference = "#/components/schemas/Error";

/// A route or one method of a fast route.
struct Listed {
  Method method;
  const Router::Route* route;      ///< or
  const FastRoute* fast_route;     ///< the other is null
  std::vector<std::string> names;  ///< of the path's parameters
};

/// What serves the paths of one shape: a document has one key for them, whatever their parameters are called.
struct Path {
  std::string key;                 ///< "/notes/{id}"
  std::vector<std::string> names;  ///< of its parameters
  std::vector<Listed> operations;
};

std::string_view key_of(Method method) noexcept {
  switch (method) {
    case Method::get: return "get";
    case Method::head: return "head";
    case Method::post: return "post";
    case Method::put: return "put";
    case Method::delete_: return "delete";
    case Method::patch: return "patch";
    default: return "options";
  }
}

std::string template_of(const Pattern& pattern) {
  std::string path;
  for (const auto& [kind, text] : pattern.segments()) {
    path += kind == Pattern::Kind::text ? fmt::format("/{}", text) : fmt::format("/{{{}}}", text);
  }
  return path.empty() ? "/" : path;
}

class Paths {
 public:
  explicit Paths(const Router& router) {
    for (const FastRoute& route : router.fast_routes()) add(route);
    for (const Router::Route& route : router.routes()) {
      add(Pattern(route.pattern), {route.method, &route, nullptr, {}});
    }
  }
  [[nodiscard]] const std::vector<Path>& all() const noexcept { return paths_; }

 private:
  void add(const FastRoute& route) {
    const Pattern pattern(route.path());
    const MethodSet methods = route.methods();
    for (const Method method : implementable_methods) {
      const bool goes_with_get = method == Method::head && methods.contains(Method::get);
      if (methods.contains(method) && !goes_with_get) add(pattern, {method, nullptr, &route, {}});
    }
  }
  void add(const Pattern& pattern, Listed listed) {
    const auto [found, is_new] = by_shape_.try_emplace(pattern.shape(), paths_.size());
    for (const std::string_view name : pattern.parameters()) listed.names.emplace_back(name);
    if (is_new) paths_.push_back({template_of(pattern), listed.names, {}});
    paths_[found->second].operations.push_back(std::move(listed));
  }

  std::vector<Path> paths_;
  std::map<std::string, std::size_t> by_shape_;
};

/// Writes one document.
class DocumentWriter {
 public:
  DocumentWriter(JsonWriter& out, const Router& router) : out_(out), router_(router) {
    schemas_.reserve("Error");
  }

  void write(const ApiInfo& info) {
    out_.begin_object().member("openapi", "3.1.0");
    out_.key("info").begin_object().member("title", info.title).member("version", info.version);
    if (!info.description.empty()) out_.member("description", info.description);
    out_.end_object().key("paths").begin_object();
    const Paths paths(router_);
    for (const Path& path : paths.all()) write_path(path);
    out_.end_object();
    write_components();
    out_.end_object();
  }

 private:
  void write_path(const Path& path) {
    out_.key(path.key).begin_object();
    for (const Listed& listed : path.operations) {
      out_.key(key_of(listed.method)).begin_object();
      out_.member("operationId", new_operation_id(listed.method, path.key));
      if (listed.route != nullptr)
        write_route(*listed.route, listed, path);
      else
        write_fast_route(*listed.fast_route);
      out_.end_object();
    }
    out_.end_object();
  }

  void write_fast_route(const FastRoute& route) {
    out_.key("responses").begin_object().key("200").begin_object().member("description", "Always the same.");
    out_.key("content").begin_object().key(route.content_type()).begin_object().end_object();
    out_.end_object().end_object().end_object();
    write_layers(route.group());
  }

  void write_route(const Router::Route& route, const Listed& listed, const Path& path) {
    static const Declaration nothing{};
    const Declaration* const declared = route.handler.declaration();
    const Declaration& declaration = declared == nullptr ? nothing : *declared;
    if (!declaration.summary.empty()) out_.member("summary", declaration.summary);
    if (!declaration.description.empty()) out_.member("description", declaration.description);
    write_tag(declaration.tag.empty() ? tag_of(route.group) : declaration.tag);
    write_parameters(declaration, listed, path);
    if (declaration.body != nullptr) {
      out_.key("requestBody").begin_object().member("required", true);
      write_content(declaration.body_type, *declaration.body, false);
      out_.end_object();
    }
    write_responses(declaration, route);
    write_layers(route.group);
  }

  /// "notes" for a group with the prefix "/api/notes".
  [[nodiscard]] std::string_view tag_of(std::size_t group) const {
    const std::string_view prefix = router_.groups()[group].prefix;
    return prefix.substr(prefix.rfind('/') + 1);
  }

  void write_tag(std::string_view tag) {
    if (!tag.empty()) out_.key("tags").begin_array().value(tag).end_array();
  }

  void write_parameters(const Declaration& declaration, const Listed& listed, const Path& path) {
    if (path.names.empty() && declaration.query == nullptr) return;
    out_.key("parameters").begin_array();
    for (std::size_t i = 0; i < path.names.size(); ++i) {
      out_.begin_object().member("name", path.names[i]).member("in", "path").member("required", true);
      write_path_schema(declaration.path, listed.names[i]);
      out_.end_object();
    }
    if (declaration.query != nullptr) {
      for (const json::ObjectMember& member : declaration.query->members) {
        const bool is_required =
            member.is_required && (member.type->kind != json::Kind::array || member.rules.least_items > 0);
        out_.begin_object().member("name", member.name).member("in", "query");
        out_.member("required", is_required);
        const bool is_optional = member.type->kind == json::Kind::optional;  // a query has no null
        schemas_.write(out_.key("schema"), is_optional ? *member.type->inner : *member.type, member.rules);
        out_.end_object();
      }
    }
    out_.end_array();
  }

  void write_path_schema(const json::Type* type, std::string_view name) {
    out_.key("schema");
    if (type == nullptr) {
      out_.begin_object().member("type", "string").end_object();
    } else if (type->kind != json::Kind::object) {
      schemas_.write(out_, *type);
    } else {
      const auto member = std::ranges::find(type->members, name, &json::ObjectMember::name);
      schemas_.write(out_, *member->type, member->rules);
    }
  }

  void write_content(std::string_view media_type, const json::Type& type, bool in_envelope) {
    out_.key("content").begin_object().key(media_type).begin_object().key("schema");
    if (in_envelope) {
      out_.begin_object().member("type", "object").key("properties").begin_object();
      out_.key("success").begin_object().member("const", true).end_object();
      schemas_.write(out_.key("data"), type);
      out_.end_object().key("required").begin_array().value("success").value("data").end_array();
      out_.end_object();
    } else {
      schemas_.write(out_, type);
    }
    out_.end_object().end_object();
  }

  void write_responses(const Declaration& declaration, const Router::Route& route) {
    out_.key("responses").begin_object();
    if (declaration.responses.empty()) {
      out_.key("2XX").begin_object().member("description", "Not declared.").end_object();
    }
    for (const DeclaredResponse& response : declaration.responses) {
      if (response.status == 304 && route.method != Method::get) continue;
      out_.key(std::to_string(response.status)).begin_object();
      out_.member("description", http::reason_phrase(response.status));
      if (response.type != nullptr) write_content("application/json", *response.type, response.in_envelope);
      out_.end_object();
    }
    write_errors(declaration, route.group);
    out_.end_object();
  }

  void write_errors(const Declaration& declaration, std::size_t group) {
    std::map<std::string, std::vector<std::string_view>> meanings{{"5XX", {"The server could not do it."}}};
    const auto add = [&meanings](const std::vector<DeclaredError>& errors) {
      for (const auto& [status, meaning] : errors) {
        auto& said = meanings[std::to_string(status)];
        if (std::ranges::find(said, meaning) == said.end()) said.emplace_back(meaning);
      }
    };
    for_each_layer(group, [&add](const Middleware& layer) { add(layer.errors); });
    add(declaration.errors);
    for (const auto& [status, said] : meanings) {
      out_.key(status).begin_object().member("description", fmt::format("{}", fmt::join(said, " ")));
      out_.key("content").begin_object().key("application/json").begin_object().key("schema").begin_object();
      out_.member("$ref", error_reference);
      out_.end_object().end_object().end_object().end_object();
    }
  }

  void write_layers(std::size_t group) {
    bool wants_token = false;
    for_each_layer(group, [&wants_token](const Middleware& layer) { wants_token |= layer.wants_token; });
    if (!wants_token) return;
    uses_token_ = true;
    out_.key("security").begin_array().begin_object().key("bearer").begin_array().end_array();
    out_.end_object().end_array();
  }

  template <class Visit>
  void for_each_layer(std::size_t group, Visit visit) const {
    if (group != 0) for_each_layer(router_.groups()[group].parent, visit);
    for (const Middleware& layer : router_.groups()[group].middleware) visit(layer);
  }

  void write_components() {
    out_.key("components").begin_object().key("schemas").begin_object();
    write_error_schema();
    schemas_.write_named(out_);
    out_.end_object();
    if (uses_token_) {
      out_.key("securitySchemes").begin_object().key("bearer").begin_object().member("type", "http");
      out_.member("scheme", "bearer").member("bearerFormat", "JWT").end_object().end_object();
    }
    out_.end_object();
  }

  void write_error_schema() {
    out_.key("Error").raw(
        R"({"type":"object","properties":{"success":{"const":false},"error":{"type":"object",)"
        R"("properties":{"code":{"type":"string"},"message":{"type":"string"},)"
        R"("fields":{"type":"object","additionalProperties":{"type":"string"}}},)"
        R"("required":["code","message"]}},"required":["success","error"]})");
  }

  /// "get_notes_id"
  std::string new_operation_id(Method method, std::string_view path) {
    std::string wanted(key_of(method));
    if (path != "/") wanted += "_" + component_name(path);
    std::string id = wanted;
    for (unsigned number = 2; !operation_ids_.insert(id).second; ++number)
      id = fmt::format("{}_{}", wanted, number);
    return id;
  }

  JsonWriter& out_;
  const Router& router_;
  Schemas schemas_;
  std::set<std::string> operation_ids_;
  bool uses_token_ = false;
};

}  // namespace

void write_openapi(JsonWriter out, const Router& router, const ApiInfo& info) {
  DocumentWriter(out, router).write(info);
}

}  // namespace chopin::docs
