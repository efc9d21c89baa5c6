// The server of bench/run's arena-baseline, a program on the library: /baseline11 responds with the sum of
// the values in the query, and of the body of a POST. Nothing is prebuilt.
//
//   chopin_arena PORT
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "allocator.hpp"
#include "chopin/error.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"
#include "chopin/router.hpp"
#include "chopin/server.hpp"

namespace {

/// The body of a POST: an integer and nothing else.
std::int64_t integer_in(std::string_view body) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(body.begin(), body.end(), number);
  if (error != std::errc{} || end != body.end()) throw chopin::HttpError(400, "the body is not an integer");
  return number;
}

std::int64_t sum(std::int64_t one, std::int64_t other) {
  std::int64_t both = 0;
  if (__builtin_add_overflow(one, other, &both)) throw chopin::HttpError(422, "the sum is too large");
  return both;
}

void respond_with_sum(const chopin::Request& request, std::int64_t of_body, chopin::Response& response) {
  std::int64_t a = 0;
  std::int64_t b = 0;
  request.query_parameters().optional("a", a).optional("b", b).check();
  response.body("text/plain", std::to_string(sum(of_body, sum(a, b))));
}

chopin::Config config_for(std::uint16_t port) {
  chopin::Config config;
  config.mode = chopin::Mode::performance;
  config.environment = chopin::Environment::production;
  config.log_level = chopin::LogLevel::off;
  config.workers = 1;
  config.pin_cpus = false;  // pinned from outside, as chopin is
  config.port = port;
  return config;
}

int serve(std::uint16_t port) {
  chopin::Router router;
  router.get("/baseline11", [](const chopin::Request& request, chopin::Response& response) {
    respond_with_sum(request, 0, response);
  });
  router.post("/baseline11", [](const chopin::Request& request, chopin::Response& response) {
    respond_with_sum(request, integer_in(request.body()), response);
  });
  chopin::Server server(config_for(port), std::move(router));
  server.run([&server] { std::cout << "http://" << server.address() << '\n' << std::flush; });
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: chopin_arena PORT (0 lets the kernel choose)\n";
    return 2;
  }
  try {
    chopin::configure_allocator();
    return serve(static_cast<std::uint16_t>(std::stoi(argv[1])));
  } catch (const std::exception& error) {
    std::cerr << "chopin_arena: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
