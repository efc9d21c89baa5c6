#include "routing/preflight.hpp"

namespace chopin::routing {

void put_preflight_fields(const PreflightLists& lists, Response& response) {
  const auto put = [&response](std::string_view name, std::string_view value) {
    response.replace_field(name, value);  // a fast route may have set its own
  };
  put("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
  if (!lists.fields.empty()) put("Access-Control-Allow-Headers", lists.fields);
  put("Access-Control-Max-Age", lists.max_age);
}

void respond_to_preflight(MethodSet allowed, Response& response) {
  response.no_content().field("Allow", allowed.allow()).field(allow_origin.first, allow_origin.second);
  put_preflight_fields({}, response);
}

}  // namespace chopin::routing
