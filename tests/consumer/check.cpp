// An outside project with the public headers alone: serves the examples of include/chopin/README.md and sends
// requests to them.
#include <chopin/server.hpp>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <sys/wait.h>

#include "greetings.hpp"
#include "harness/raw_client.hpp"
#include "items.hpp"
#include "notes.hpp"
#include "tokens.hpp"

namespace {

std::string with_json(const std::string& line, const std::string& body, const std::string& fields = "") {
  return line + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string put(const std::string& token, const std::string& body) {
  return with_json("PUT /items/7", body, "Authorization: Bearer " + token + "\r\n");
}

std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

bool responds(std::uint16_t port, const std::string& request, int status, const std::string& body) {
  const chopin::test::Response response = chopin::test::ask(port, request);
  if (response.status == status && response.body == body) return true;
  std::cerr << request << "\ngot " << response.status << ' ' << response.body << '\n';
  return false;
}

/// The program ends with status 1 and one line if its port is taken.
bool says_that_its_port_is_taken(const std::string& program, const std::string& address, std::uint16_t port) {
  const std::string command = program + " --log-level off --port " + std::to_string(port) + " 2>&1";
  FILE* const output = popen(command.c_str(), "r");
  std::string text;
  for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) text += static_cast<char>(c);
  const int status = pclose(output);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 1 &&
      text == "items: cannot listen on " + address + ": address already in use\n") {
    return true;
  }
  std::cerr << command << "\ngot " << status << ' ' << text << '\n';
  return false;
}

}  // namespace

int main(int /*argc*/, char** argv) {
  const std::string self = argv[0];
  chopin::Config config;
  config.port = 0;
  config.auth.secret = "the secret of the consumer, for tests";
  const chopin::ConfiguredTokenKeys tokens = chopin::token_keys(config);
  const std::string token = make_token(*tokens.keys, "anna", config.auth.token_expiry);
  chopin::Router router;
  add_account(router, *tokens.keys);
  add_greetings(router);
  add_items(router);
  add_notes(router, config.database);
  chopin::Server server(config, std::move(router));
  server.start();
  const std::uint16_t port = server.port();
  const bool all_right =
      responds(port, put("swordfish", R"({"name":"lamp","count":2})"), 200,
               R"({"success":true,"data":{"id":"7","name":"lamp","count":2}})") &&
      responds(port, put("guess", "{}"), 401,
               R"({"success":false,"error":{"code":"UNAUTHORIZED","message":"a valid token is needed"}})") &&
      responds(
          port, put("swordfish", R"({"count":"two"})"), 422,
          R"({"success":false,"error":{"code":"VALIDATION_ERROR","message":"the body has invalid members",)"
          R"("fields":{"name":"is missing","count":"must be an integer of 64 bits"}}})") &&
      responds(port, with_json("POST /people/anna/greetings", R"({"text":"Hello"})"), 201,
               R"({"success":true,"data":{"text":"Hello","times":1}})") &&
      responds(port, get("/notes/milk"), 200, R"({"text":"two"})") &&
      responds(port, get("/notes/bread"), 404,
               R"({"success":false,"error":{"code":"NOT_FOUND","message":"there is no such note"}})") &&
      responds(port, get("/account", "Authorization: Bearer " + token + "\r\n"), 200,
               R"({"success":true,"data":{"id":"anna"}})") &&
      responds(port, get("/account", "Authorization: Bearer " + token.substr(1) + "\r\n"), 401,
               R"({"success":false,"error":{"code":"UNAUTHORIZED","message":"the token is not valid"}})");
  const bool explains =
      says_that_its_port_is_taken(self.substr(0, self.rfind('/')) + "/items", server.address(), port);
  server.stop();
  return all_right && explains ? 0 : 1;
}
