// The page, with documents and routes to try, for test_page*.py. Its argument is the folder of the documents.
// Says its port in one line, and ends with its input.
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "chopin/router.hpp"
#include "chopin/server.hpp"
#include "docs/page.hpp"

namespace {

constexpr std::string_view token = "header.payload.signature";
constexpr std::string_view hostile = R"(<img src=x onerror="document.title='taken'">)";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The page at this path, and the document that it shows.
void add_page(chopin::Router& router, const std::string& path, std::string document) {
  router.fast(chopin::docs::page_route(path));
  router.fast(chopin::FastRoute::json(path + "/openapi.json", std::move(document)));
}

chopin::Middleware require_token() {
  return {.name = "token",
          .reason = "the page sends it",
          .before = [](chopin::Request& request, chopin::Response& response) {
            if (request.field("Authorization") == "Bearer " + std::string(token))
              return chopin::Verdict::next();
            response.error(401, "a valid token is needed").field("WWW-Authenticate", "Bearer");
            return chopin::Verdict::done();
          }};
}

/// What came, so that the test sees what the page sends.
void echo(const chopin::Request& request, chopin::Response& response) {
  response.success([&](chopin::JsonWriter& data) {
    data.begin_object()
        .member("target", request.target())
        .member("type", request.field("Content-Type"))
        .member("authorization", request.field("Authorization"))
        .member("version", request.field("X-Version"))
        .member("body", request.body())
        .end_object();
  });
}

void add_routes(chopin::Router& router) {
  router.get("/items", echo);
  router.get("/items/{id}", echo, {.encoded_slashes = true});
  router.get("/shop/items/{id}", echo);
  router.post("/items", echo);
  router.post("/forms", echo);
  router.post("/texts", echo);
  router.del("/items/{id}", [](const chopin::Request&, chopin::Response& response) {
    response.error(404, "there is no such item");
  });
  router.post("/login", [](const chopin::Request&, chopin::Response& response) {
    response.success([](chopin::JsonWriter& data) {
      data.begin_object().member("access_token", token).member("expires_in", std::int64_t{900}).end_object();
    });
  });
  router.get("/large-numbers", [](const chopin::Request&, chopin::Response& response) {
    response.body("application/json",
                  R"({"id":9007199254740993,"empty":[ ],"text":"a,\"b\": {","list":[1,{"a":null}]})");
  });
  router.get("/hostile/page.json", [](const chopin::Request&, chopin::Response& response) {
    response.json().begin_object().member("name", hostile).end_object();
  });
  router.get("/hostile/page.txt",
             [](const chopin::Request&, chopin::Response& response) { response.body("text/html", hostile); });
  chopin::RouteGroup guarded = router.group("/me", {require_token()});
  guarded.get("", echo);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw std::invalid_argument("the argument is the folder of the documents");
  const std::filesystem::path folder = argv[1];
  const std::string sample = read_file(folder / "sample.json");
  chopin::Router router;
  add_page(router, "/api-docs", sample);
  add_page(router, "/shop/api-docs", sample);
  add_page(router, "/hostile/api-docs", read_file(folder / "hostile.json"));
  add_page(router, "/not-json/api-docs", "<p>");
  add_page(router, "/other-json/api-docs", "[1]");
  router.fast(chopin::docs::page_route("/no-document/api-docs"));
  add_routes(router);
  chopin::Config config;
  config.port = 0;
  config.workers = 1;
  config.log_level = chopin::LogLevel::error;
  config.mode = chopin::Mode::performance;
  chopin::Server server(config, std::move(router));
  server.start();
  std::cout << server.port() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  return server.stop() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
