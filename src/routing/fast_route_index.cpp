#include "routing/fast_route_index.hpp"

#include "http/normal_path.hpp"
#include "routing/preflight.hpp"

namespace chopin::routing {
namespace {

http::ResponseDraft route_response(const FastRoute& route) {
  return {
      .status = 200, .content_type = route.content_type(), .headers = route.headers(), .body = route.body()};
}

http::ResponseDraft preflight_response(const std::string& allow) {
  http::ResponseDraft draft{.status = 204, .content_type = {}, .headers = {{"Allow", allow}}, .body = {}};
  draft.headers.emplace_back(allow_origin);
  for (const FieldText& field : preflight_fields) draft.headers.emplace_back(field);
  return draft;
}

}  // namespace

FastRouteIndex::FastRouteIndex(const RouteTable& table, Mode mode, ResponseClass response_class,
                               http::PrebuiltResponses& responses)
    : paths_(compile(table, mode, response_class, responses)) {}

FastRouteIndex::Entries FastRouteIndex::compile(const RouteTable& table, Mode mode,
                                                ResponseClass response_class,
                                                http::PrebuiltResponses& responses) {
  Entries entries;
  if (mode == Mode::standard) return entries;
  std::string memory;
  for (const FastRoute& route : table.fast_routes()) {
    Entry entry;
    entry.methods = route.methods();
    if (response_class == ResponseClass::composed) {
      entry.response.composed = &route;
    } else {
      entry.response.prebuilt = responses.add(route_response(route));
      entry.has_preflight = route.has_preflight();
      if (entry.has_preflight) {
        const MethodSet allowed = table.allowed(http::normalise_path(route.path(), memory).path);
        entry.preflight.prebuilt = responses.add(preflight_response(allowed.allow()));
      }
    }
    entries.emplace_back(route.path(), entry);
  }
  return entries;
}

}  // namespace chopin::routing
