#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/router.hpp"
#include "http/normal_path.hpp"
#include "routing/route_table.hpp"

namespace chopin::routing {

/// Dispatches requests through a table as a session does, without a connection.
class Site {
 public:
  explicit Site(Router router, Mode mode = Mode::standard) : table_(std::move(router), mode) {}

  Response respond(Method method, std::string_view target, std::span<const Field> fields = {}) {
    const auto path = http::normalise_path(target.substr(0, target.find('?')), memory_).path;
    const auto found = table_.find(method, path, params_);
    Request request({.method = method, .target = target, .path = path, .fields = fields, .params = params_});
    Response response;
    if (const auto passed = table_.dispatch(found, request, response)) {
      table_.finish(found, *passed, request, response.text("later"));
    }
    return response;
  }
  Response get(std::string_view target, std::span<const Field> fields = {}) {
    return respond(Method::get, target, fields);
  }

  [[nodiscard]] const RouteTable& table() const noexcept { return table_; }

 private:
  RouteTable table_;
  std::string memory_;
  std::vector<Param> params_;
};

/// The values of all fields with this name, in exactly this case, joined by ", ".
inline std::string field_of(const Response& response, std::string_view name) {
  std::string values;
  std::string_view rest = response.field_lines();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    if (line.starts_with(std::string(name) + ": ")) {
      if (!values.empty()) values += ", ";
      values += line.substr(name.size() + 2);
    }
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
  }
  return values;
}

inline std::string error_text(std::string_view code, std::string_view message) {
  return R"({"success":false,"error":{"code":")" + std::string(code) + R"(","message":")" +
         std::string(message) + R"("}})";
}

}  // namespace chopin::routing
