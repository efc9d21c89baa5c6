#include "routing/preflight.hpp"

namespace chopin::routing {

namespace {

constexpr std::string_view methods_field = "Access-Control-Allow-Methods";
constexpr std::string_view fields_field = "Access-Control-Allow-Headers";
constexpr std::string_view max_age_field = "Access-Control-Max-Age";

}  // namespace

std::vector<FieldLine> preflight_lines(const PreflightLists& lists) {
  std::vector<FieldLine> lines;
  lines.emplace_back(methods_field, "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
  if (!lists.fields.empty()) lines.emplace_back(fields_field, lists.fields);
  lines.emplace_back(max_age_field, lists.max_age);
  return lines;
}

void put_preflight_lines(const std::vector<FieldLine>& lines, Response& response) {
  for (const FieldLine& line : lines) {
    const std::string_view text = line.text();
    response.remove_field(text.substr(0, text.find(':')));  // a fast route may have set its own
    response.field(line);
  }
}

void respond_to_preflight(MethodSet allowed, Response& response) {
  response.no_content().field("Allow", allowed.allow()).field(allow_origin.first, allow_origin.second);
  static const std::vector<FieldLine> usual = preflight_lines({});
  put_preflight_lines(usual, response);
}

}  // namespace chopin::routing
