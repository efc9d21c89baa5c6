#include "app/routes.hpp"

namespace chopin::app {

FastRouteTable benchmark_routes() {
  return FastRouteTable({
      FastRoute::json("/json", R"({"message":"Hello, World!"})"),
      FastRoute::text("/plaintext", "Hello, World!"),
  });
}

}  // namespace chopin::app
