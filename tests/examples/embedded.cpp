// A server in a program that has a main loop of its own: here it reads lines until the end of its input.
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <exception>
#include <iostream>
#include <mutex>
#include <string>

int main(int argc, char** argv) try {
  std::mutex mutex;  // handlers run on the workers' threads
  std::string last = "nothing yet";
  chopin::Router router;
  router.get("/last-line", [&](const chopin::Request&, chopin::Response& response) {
    const std::lock_guard lock(mutex);
    response.text(last + "\n");
  });
  chopin::Server server(chopin::read_settings(argc, argv).config, std::move(router));
  server.log().info("serving", {{"address", server.address()}});
  server.start();
  for (std::string line; std::getline(std::cin, line);) {
    const std::lock_guard lock(mutex);
    last = line;
  }
  return server.stop() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "embedded: " << error.what() << '\n';
  return 1;
}
