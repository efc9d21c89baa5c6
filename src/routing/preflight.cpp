#include "routing/preflight.hpp"

namespace chopin::routing {

void put_preflight_fields(Response& response) {
  constexpr std::array<FieldText, 3> fields{{
      {"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS"},
      {"Access-Control-Allow-Headers", "Content-Type, Authorization"},
      {"Access-Control-Max-Age", "86400"},
  }};
  for (const auto& [name, value] : fields) response.replace_field(name, value);
}

void respond_to_preflight(MethodSet allowed, Response& response) {
  response.no_content().field("Allow", allowed.allow()).field(allow_origin.first, allow_origin.second);
  put_preflight_fields(response);
}

}  // namespace chopin::routing
