#include "app/middleware.hpp"

namespace chopin::app {

std::vector<Middleware> middleware(Environment environment) {
  std::vector<Middleware> layers;
  layers.push_back(middleware::cors("outermost: scripts must be able to read every response"));
  if (environment != Environment::development) return layers;
  layers.push_back(middleware::request_id("before the log, which names the id"));
  layers.push_back(middleware::request_log("innermost: it times the handler, not the layers around it"));
  return layers;
}

}  // namespace chopin::app
