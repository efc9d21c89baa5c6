// JSON in and out. Whatever is wrong with the body gets 400, 415 or 422, and says what.
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

namespace {

void order(const chopin::Request& request, chopin::Response& response) {
  std::string item;
  std::int64_t count = 1;
  request.json().required("item", item).optional("count", count).check();
  response.status(201);
  response.json().begin_object().member("item", item).member("total", 3 * count).end_object();
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  router.post("/orders", order);
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "json: " << error.what() << '\n';
  return 1;
}
