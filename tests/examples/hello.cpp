// The smallest server: one route with a parameter.
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <exception>
#include <iostream>

int main(int argc, char** argv) try {
  chopin::Router router;
  router.get("/hello/{name}", [](const chopin::Request& request, chopin::Response& response) {
    response.text("Hello, " + std::string(request.param("name")) + "!\n");
  });
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "hello: " << error.what() << '\n';
  return 1;
}
