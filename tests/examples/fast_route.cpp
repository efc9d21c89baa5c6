// A file, here this one, that is read once and served as a fast route: in performance mode without router and
// middleware.
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace {

std::string contents_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + std::string(path));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Config defaults;
  defaults.mode = chopin::Mode::performance;
  chopin::Router router;
  router.fast(chopin::FastRoute::text("/", contents_of(__FILE__)).cache_control("max-age=60"));
  chopin::Server(chopin::read_settings(argc, argv, defaults).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "fast_route: " << error.what() << '\n';
  return 1;
}
