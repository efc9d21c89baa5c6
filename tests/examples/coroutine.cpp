// A handler that waits without blocking its worker: others are served meanwhile.
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

namespace {

chopin::Task<> delay(const chopin::Request& request, chopin::Response& response) {
  std::int64_t milliseconds = 10;
  request.query_parameters().optional("ms", milliseconds).check();
  co_await chopin::sleep_for(std::chrono::milliseconds(milliseconds));
  response.text("after " + std::to_string(milliseconds) + " ms\n");
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  router.get("/delay", delay);
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "coroutine: " << error.what() << '\n';
  return 1;
}
