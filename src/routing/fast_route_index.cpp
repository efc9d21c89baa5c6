#include "routing/fast_route_index.hpp"

#include "http/normal_path.hpp"
#include "routing/preflight.hpp"

namespace chopin::routing {
namespace {

Response response_of(const FastRoute& route) {
  Response response;
  RouteTable::put_body(route, response);
  RouteTable::add_fields(route, response);
  return response;
}

Response preflight_of(MethodSet allowed) {
  Response response;
  respond_to_preflight(allowed, response);
  return response;
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
    if (table.passes_group_middleware(route)) continue;
    Entry entry;
    entry.methods = route.methods();
    if (response_class == ResponseClass::composed) {
      entry.response = {.route = &route, .is_composed = true};
    } else {
      entry.response.prebuilt = responses.add(response_of(route));
      if (route.is_large()) entry.response.route = &route;
      entry.has_preflight = route.has_preflight();
      if (entry.has_preflight) {
        const MethodSet allowed = table.allowed(http::normalise_path(route.path(), memory).path);
        entry.preflight.prebuilt = responses.add(preflight_of(allowed));
      }
    }
    entries.emplace_back(route.path(), entry);
  }
  return entries;
}

}  // namespace chopin::routing
