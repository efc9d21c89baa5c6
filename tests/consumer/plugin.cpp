// A shared library with a server in it.
#include <chopin/server.hpp>
#include <utility>

#include "items.hpp"

extern "C" void serve_items() {
  chopin::Router router;
  add_items(router);
  chopin::Server(chopin::Config{}, std::move(router)).run();
}
