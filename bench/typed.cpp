// The server of bench/run's typed, a program on the library with declared routes. A POST of a product is
// read, checked and sent back; /me is guarded, and /open responds with the same without a guard.
//
//   chopin_typed PORT
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "allocator.hpp"
#include "chopin/guard.hpp"
#include "chopin/operation.hpp"
#include "chopin/router.hpp"
#include "chopin/server.hpp"
#include "chopin/token.hpp"

namespace {

using chopin::About;
using chopin::member;
using chopin::operation;

/// That of the token in requests/bearer.http.
constexpr const char* secret = "only for the benchmark of declared routes";

enum class State : std::uint8_t { draft, listed, sold };

constexpr auto json_names(State /*state*/) {
  return std::to_array<chopin::EnumName<State>>(
      {{State::draft, "draft"}, {State::listed, "listed"}, {State::sold, "sold"}});
}

struct Product {
  std::int64_t id = 0;
  std::string name;
  std::string description;
  double price = 0;
  std::uint32_t stock = 0;
  bool active = false;
  State state = State::draft;
  std::string email;
  std::chrono::year_month_day released{};
  std::vector<std::string> tags;

  static constexpr auto json_members = chopin::members(
      member("id", &Product::id).range(1, 1'000'000), member("name", &Product::name).length(1, 100),
      member("description", &Product::description).length(0, 2000),
      member("price", &Product::price).range(0, 1'000'000),
      member("stock", &Product::stock).range(0, 100'000), member("active", &Product::active),
      member("state", &Product::state),
      member("email", &Product::email).format(chopin::json::Format::email).length(3, 254),
      member("released", &Product::released), member("tags", &Product::tags).length(1, 20).items(0, 10));
};

struct Me {
  std::string id;

  static constexpr auto json_members = chopin::members(member("id", &Me::id));
};

About without_envelope() {
  return {.in_envelope = false};
}

chopin::Router routes() {
  chopin::Router router;
  router.get("/products", operation([] { return std::vector<Product>(); }, without_envelope()));
  router.post("/products", operation([](chopin::Body<Product> product) { return std::move(*product); },
                                     without_envelope()));
  router.get("/open",
             operation([] { return Me{"3f2b8c1e-7a54-4d19-9e06-5b8f0c2d7a41"}; }, without_envelope()));
  auto guarded =
      router.group("", {chopin::middleware::bearer(chopin::TokenKeys(secret), "what is measured")});
  guarded.get("/me", operation([](const chopin::User& user) { return Me{user.id}; }, without_envelope()));
  return router;
}

chopin::Config config_for(std::uint16_t port) {
  chopin::Config config;
  config.mode = chopin::Mode::performance;
  config.environment = chopin::Environment::production;
  config.log_level = chopin::LogLevel::info;  // says at the end how many requests were served
  config.workers = 1;
  config.pin_cpus = false;  // pinned from outside, as chopin is
  config.port = port;
  return config;
}

int serve(std::uint16_t port) {
  chopin::Server server(config_for(port), routes());
  server.run([&server] { std::cout << "http://" << server.address() << '\n' << std::flush; });
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: chopin_typed PORT (0 lets the kernel choose)\n";
    return 2;
  }
  try {
    chopin::configure_allocator();
    return serve(static_cast<std::uint16_t>(std::stoi(argv[1])));
  } catch (const std::exception& error) {
    std::cerr << "chopin_typed: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
