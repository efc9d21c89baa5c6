#include "chopin/guard.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/database.hpp"
#include "chopin/local_client.hpp"
#include "chopin/operation.hpp"
#include "harness/log_collector.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;

constexpr const char* secret = "a secret of 32 bytes or more, here";
const TokenKeys keys(secret);

std::string token_of(Claims claims, const TokenKeys& signer = keys) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (claims.expires == std::chrono::sys_seconds{}) claims.expires = now + 1h;
  return signer.sign(claims);
}

/// /user says who asks, /admin only to those with this role, /open has no guard.
Router site() {
  Router router;
  const auto say_user = [](const Request& request, Response& response) {
    const User& user = request.user();
    std::string text = user.id + ";" + user.token_id + ";" + user.family + ";";
    for (const std::string& role : user.roles) text += role + ",";
    response.text(text);
  };
  RouteGroup guarded = router.group("", {middleware::bearer(keys, "a test")});
  guarded.get("/user", say_user);
  guarded.get("/later", [](Responder responder) {
    responder.response().text("later " + responder.request().user().id);
    responder.send();
  });
  guarded.get("/waits", [](const Request& request, Response& response) -> Task<> {
    co_await sleep_for(1ms);
    response.text("waited " + request.user().id);
  });
  guarded.group("", {middleware::role("admin", "a test")}).get("/admin", say_user);
  router.group("", {middleware::role("admin", "a test")}).get("/role-alone", say_user);
  router.get("/open", say_user);
  return router;
}

LocalClient::Received ask(LocalClient& client, const std::string& target, std::vector<std::string> values) {
  LocalClient::Sent request{.target = target};
  for (std::string& value : values) request.fields.emplace_back("Authorization", std::move(value));
  return client.send(request);
}

struct Greeting {
  std::string text;

  static constexpr auto json_members = members(member("text", &Greeting::text));
};

struct Guard : testing::Test {
  LocalClient client{site()};

  LocalClient::Received with(const std::vector<std::string>& values) { return ask(client, "/user", values); }
  void expect_refusal(const std::vector<std::string>& values, std::string_view challenge) {
    const auto received = with(values);
    EXPECT_EQ(received.status, 401);
    EXPECT_EQ(received.field("WWW-Authenticate"), challenge);
    EXPECT_NE(received.body.find(R"({"success":false,"error":{"code":"UNAUTHORIZED")"), std::string::npos);
  }
};

constexpr std::string_view no_token = R"(Bearer realm="chopin")";
constexpr std::string_view invalid_token = R"(Bearer realm="chopin", error="invalid_token")";

TEST_F(Guard, tells_the_handler_whose_token_it_is) {
  const std::string token =
      token_of({.subject = "7", .roles = {"user", "admin"}, .id = "token", .family = "family"});
  const auto received = with({"Bearer " + token});
  EXPECT_EQ(received.status, 200);
  EXPECT_EQ(received.body, "7;token;family;user,admin,");
}

TEST_F(Guard, reads_the_scheme_in_any_case_and_with_several_spaces_after_it) {
  const std::string token = token_of({.subject = "7"});
  for (const char* scheme : {"bearer ", "BEARER ", "Bearer   "}) {
    EXPECT_EQ(with({scheme + token}).status, 200) << scheme;
  }
}

TEST_F(Guard, asks_for_a_token_if_there_is_none_or_another_scheme) {
  expect_refusal({}, no_token);
  expect_refusal({""}, no_token);
  expect_refusal({"Basic YTpi"}, no_token);
  expect_refusal({"Bearers " + token_of({.subject = "7"})}, no_token);
}

TEST_F(Guard, refuses_credentials_that_are_no_token) {
  const std::string token = token_of({.subject = "7"});
  for (const std::string& value :
       {std::string("Bearer"), std::string("Bearer "), "Bearer\t" + token, "Bearer " + token + " " + token,
        "Bearer " + token + ",", "Bearer \"" + token + "\"", "Bearer " + token + "=",
        "Bearer " + std::string(5000, 'a')}) {
    const auto received = with({value});
    EXPECT_EQ(received.status, 401) << value;
  }
  expect_refusal({"Bearer"}, invalid_token);
  expect_refusal({"Bearer " + token + " "}, invalid_token);
}

TEST_F(Guard, refuses_several_authorization_fields_even_if_each_is_valid) {
  const std::string token = token_of({.subject = "7"});
  expect_refusal({"Bearer " + token, "Bearer " + token}, invalid_token);
  expect_refusal({"Bearer " + token, "Basic YTpi"}, invalid_token);
  expect_refusal({"Basic YTpi", "Bearer " + token}, invalid_token);
}

TEST_F(Guard, refuses_an_expired_token_one_of_another_secret_and_one_without_algorithm) {
  const std::chrono::sys_seconds past(1s);
  expect_refusal({"Bearer " + token_of({.subject = "7", .expires = past})}, invalid_token);
  expect_refusal({"Bearer " + token_of({.subject = "7"}, TokenKeys("another secret"))}, invalid_token);
  // {"alg":"none"} and {"sub":"7","exp":4000000000}
  expect_refusal({"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI3IiwiZXhwIjo0MDAwMDAwMDAwfQ."}, invalid_token);
}

TEST_F(Guard, lets_only_users_with_the_role_pass) {
  EXPECT_EQ(ask(client, "/admin", {"Bearer " + token_of({.subject = "7", .roles = {"admin"}})}).status, 200);
  for (const char* role : {"user", "admi", "admin2", "Admin", ""}) {
    const auto received = ask(client, "/admin", {"Bearer " + token_of({.subject = "7", .roles = {role}})});
    EXPECT_EQ(received.status, 403) << role;
    EXPECT_EQ(received.field("WWW-Authenticate"), R"(Bearer realm="chopin", error="insufficient_scope")");
    EXPECT_NE(received.body.find("FORBIDDEN"), std::string::npos);
  }
  EXPECT_EQ(ask(client, "/admin", {}).status, 401);
}

TEST_F(Guard, gives_the_user_to_handlers_that_respond_later_too) {
  const std::string value = "Bearer " + token_of({.subject = "a user whose name needs the heap"});
  EXPECT_EQ(ask(client, "/later", {value}).body, "later a user whose name needs the heap");
  EXPECT_EQ(ask(client, "/waits", {value}).body, "waited a user whose name needs the heap");
}

TEST_F(Guard, that_is_missing_makes_the_request_a_500) {
  const std::string value = "Bearer " + token_of({.subject = "7"});
  EXPECT_EQ(ask(client, "/open", {value}).status, 500);
  EXPECT_EQ(ask(client, "/role-alone", {value}).status, 500);
  EXPECT_THROW(static_cast<void>(Request().user()), std::logic_error);
  EXPECT_FALSE(Request().has_user());
}

TEST(GuardsOfAPI, give_the_user_to_declared_handlers_that_take_one) {
  Router router;
  router.group("/user", {middleware::bearer(keys, "a test")})
      .get("", operation([](const User& user) { return Greeting{"hello " + user.id}; }, {}));
  LocalClient client(std::move(router));
  EXPECT_EQ(ask(client, "/user", {"Bearer " + token_of({.subject = "7"})}).body,
            R"({"success":true,"data":{"text":"hello 7"}})");
  EXPECT_EQ(ask(client, "/user", {}).status, 401);
}

TEST(GuardsOfAPI, must_not_be_missing_before_a_handler_that_takes_the_user) {
  Router router;
  router.get("/user", operation([](const User& user) { return Greeting{user.id}; }, {}));
  EXPECT_THROW(const LocalClient refused(std::move(router)), std::invalid_argument);
}

TEST(GuardsOfAPI, declare_their_errors_and_that_a_token_is_wanted) {
  const Middleware bearer = middleware::bearer(keys, "why");
  EXPECT_EQ(bearer.reason, "why");
  EXPECT_TRUE(bearer.wants_token);
  ASSERT_EQ(bearer.errors.size(), 1U);
  EXPECT_EQ(bearer.errors.front().status, 401);
  const Middleware role = middleware::role("admin", "why");
  EXPECT_FALSE(role.wants_token);
  ASSERT_EQ(role.errors.size(), 1U);
  EXPECT_EQ(role.errors.front().status, 403);
  EXPECT_EQ(role.errors.front().meaning, R"(the user does not have the role "admin")");
}

TEST(GuardsLog, says_why_a_token_was_refused_but_never_the_token) {
  const std::string token = token_of({.subject = "7", .expires = std::chrono::sys_seconds(1s)});
  test::LogCollector log;
  {
    Router router = site();
    router.use(middleware::request_log("a test"));
    LocalClient logged(std::move(router), Mode::standard, log.sink());
    EXPECT_EQ(ask(logged, "/user", {"Bearer " + token}).status, 401);
    EXPECT_EQ(ask(logged, "/user", {"Bearer " + token_of({.subject = "8"})}).status, 200);
  }
  EXPECT_EQ(log.count("request method=GET target=/user"), 2U);
  for (const std::string& line : log.lines()) {
    EXPECT_EQ(line.find("eyJ"), std::string::npos) << line;
    EXPECT_EQ(line.find(token), std::string::npos) << line;
  }
}

const Statement<Row<bool>(std::string_view)> find_block("SELECT blocked FROM accounts WHERE id = $1",
                                                        {.bounded = true});

/// A guard that asks the database whether the user may still do anything.
Task<Verdict> refuse_blocked(Request& request, Response& /*response*/) {
  const auto rows = co_await request.worker<Database>().query(find_block(request.user().id));
  if (rows.empty()) co_return Verdict::fail(401, "there is no such user any more");
  const auto [is_blocked] = rows.front();
  co_return is_blocked ? Verdict::fail(403, "this user is blocked") : Verdict::next();
}

TEST(GuardWithADatabase, decides_by_what_is_there_now) {
  const std::string sql =
      "CREATE TABLE accounts (id text PRIMARY KEY, blocked boolean NOT NULL);"
      "INSERT INTO accounts VALUES ('free', false), ('blocked', true)";
  const Schema schema{.migrations = {{1, "accounts", {.postgres = sql, .sqlite = sql}}}};
  Router router;
  router.per_worker<Database>(Database::maker({}, schema));
  router
      .group("", {middleware::bearer(keys, "it says who asks"),
                  {.name = "not blocked", .reason = "behind the token", .before_later = refuse_blocked}})
      .get("/user", [](const Request& request, Response& response) { response.text(request.user().id); });
  LocalClient client(std::move(router));
  const auto as = [&](const char* id) {
    return ask(client, "/user", {"Bearer " + token_of({.subject = id})});
  };
  EXPECT_EQ(as("free").body, "free");
  EXPECT_EQ(as("blocked").status, 403);
  EXPECT_EQ(as("gone").status, 401);
  EXPECT_EQ(ask(client, "/user", {}).status, 401);
}

}  // namespace
}  // namespace chopin
