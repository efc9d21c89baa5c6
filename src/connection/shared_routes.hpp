#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "chopin/config.hpp"
#include "chopin/router.hpp"
#include "connection/address_limit.hpp"
#include "connection/address_rate.hpp"
#include "docs/document_routes.hpp"
#include "http/prebuilt_response.hpp"
#include "http/trusted_proxies.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// The routes and prebuilt responses of all workers, and what else they share. Immutable but for what is
/// counted of addresses, which any thread may use. Must outlive the workers.
struct SharedRoutes {
  SharedRoutes(Router router, const Config& config)
      : routes(docs::with_document(std::move(router)), config.mode, config.environment == Environment::test),
        prebuilt([this](Response& refusal) { routes.complete_refusal({}, refusal); }),
        fast_routes(routes, config.mode, config.response_class(), prebuilt),
        proxies(config.trusted_proxies),
        addresses(config.limit_per_address == 0
                      ? nullptr
                      : std::make_unique<AddressLimit>(config.limit_per_address, proxies)),
        requests_of_addresses(config.requests_per_address == 0
                                  ? nullptr
                                  : std::make_unique<AddressRate>(config.requests_per_address, proxies)),
        most_body(routes.most_body(config.limits.max_body)) {}

  routing::RouteTable routes;
  http::PrebuiltResponses prebuilt;
  routing::FastRouteIndex fast_routes;
  http::TrustedProxies proxies;
  std::unique_ptr<AddressLimit> addresses;             ///< null: their connections are not limited
  std::unique_ptr<AddressRate> requests_of_addresses;  ///< null: they are not limited
  std::uint64_t most_body;                             ///< that a request may have on any route
};

}  // namespace chopin::connection
