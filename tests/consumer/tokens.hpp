#include <chopin/guard.hpp>
#include <chopin/operation.hpp>
#include <chopin/router.hpp>
#include <chopin/token.hpp>
#include <chrono>
#include <string>

struct Account {
  std::string id;

  static constexpr auto json_members = chopin::members(chopin::member("id", &Account::id));
};

// The token that a login responds with.
inline std::string make_token(const chopin::TokenKeys& keys, const std::string& user,
                              std::chrono::milliseconds expiry) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return keys.sign({.subject = user,
                    .roles = {"user"},
                    .expires = now + std::chrono::floor<std::chrono::seconds>(expiry),
                    .issued = now});
}

// Only requests with a valid token reach the handlers of this group.
inline void add_account(chopin::Router& router, const chopin::TokenKeys& keys) {
  chopin::RouteGroup account =
      router.group("/account", {chopin::middleware::bearer(keys, "an account is its user's alone")});
  account.get("", chopin::operation([](const chopin::User& user) { return Account{user.id}; },
                                    {.summary = "Says whose token it is."}));
}
