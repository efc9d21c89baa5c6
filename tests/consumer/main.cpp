#include <chopin/server.hpp>

#include "items.hpp"

int main() {
  chopin::Config config;
  config.mode = chopin::Mode::performance;
  chopin::Router router;
  router.fast(chopin::FastRoute::text("/health", "fine"));
  add_items(router);
  chopin::Server(config, std::move(router)).run();
}
