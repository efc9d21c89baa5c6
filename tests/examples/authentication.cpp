// Middleware that takes time, such as a question to a database, and leaves a note for the handlers behind it.
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>

namespace {

chopin::Task<chopin::Verdict> authenticate(chopin::Request& request, chopin::Response& response) {
  const std::string authorization(request.field("Authorization"));
  co_await chopin::sleep_for(std::chrono::milliseconds(2));  // in the place of a question to a database
  if (authorization == "Bearer swordfish") {
    request.set_note("user", "anna");
    co_return chopin::Verdict::next();
  }
  response.error(401, "a valid token is needed").field("WWW-Authenticate", "Bearer");
  co_return chopin::Verdict::done();
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  chopin::RouteGroup account = router.group("/account");
  account.use({.name = "authenticate", .reason = "the account is private", .before_later = authenticate});
  account.get("/name", [](const chopin::Request& request, chopin::Response& response) {
    response.text(std::string(request.note("user")) + "\n");
  });
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "authentication: " << error.what() << '\n';
  return 1;
}
