#pragma once

#include <utility>

#include "chopin/config.hpp"
#include "chopin/router.hpp"
#include "http/prebuilt_response.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// The routes and prebuilt responses of all workers. Immutable, and must outlive the workers.
struct SharedRoutes {
  SharedRoutes(Router router, const Config& config)
      : routes(std::move(router), config.mode),
        prebuilt([this](Response& refusal) { routes.complete_refusal({}, refusal); }),
        fast_routes(routes, config.mode, config.response_class(), prebuilt) {}

  routing::RouteTable routes;
  http::PrebuiltResponses prebuilt;
  routing::FastRouteIndex fast_routes;
};

}  // namespace chopin::connection
