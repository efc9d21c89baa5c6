// Bodies in parts, both ways: neither is ever in memory as a whole.
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

namespace {

chopin::Task<> count(chopin::Exchange& exchange) {
  std::size_t bytes = 0;
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    bytes += part.size();
  }
  exchange.response().text(std::to_string(bytes) + "\n");
}

chopin::Task<> copy(chopin::Exchange& exchange) {
  exchange.response().body("application/octet-stream", "");
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    co_await exchange.write(part);
  }
}

/// Server-sent events (WHATWG HTML standard, section 9.2).
chopin::Task<> tick(chopin::Exchange& exchange) {
  exchange.response().body("text/event-stream", "").field("Cache-Control", "no-store");
  for (int i = 1; i <= 3; ++i) {
    co_await exchange.write("data: " + std::to_string(i) + "\n\n");
    co_await chopin::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  const chopin::RouteOptions large{.max_body = std::uint64_t{1} << 30};
  router.post("/count", count, large).post("/copy", copy, large).get("/ticks", tick);
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "streams: " << error.what() << '\n';
  return 1;
}
