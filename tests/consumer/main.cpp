#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <exception>
#include <iostream>

#include "items.hpp"

int main(int argc, char** argv) {
  try {
    chopin::Config defaults;
    defaults.mode = chopin::Mode::performance;
    const chopin::Settings settings = chopin::read_settings(argc, argv, defaults);
    if (settings.help) {
      std::cout << chopin::settings_help();
      return 0;
    }
    for (const std::string& warning : settings.warnings) std::cerr << "items: " << warning << '\n';
    chopin::Router router;
    router.fast(chopin::FastRoute::text("/health", "fine"));
    add_items(router);
    chopin::Server(settings.config, std::move(router)).run();
  } catch (const std::exception& error) {
    std::cerr << "items: " << error.what() << '\n';
    return 1;
  }
}
