// What the program says at its start of a secret for tokens, and what its routes for users do then.
#include <csignal>
#include <cstddef>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "app/user_site.hpp"
#include "harness/server_process.hpp"

namespace chopin::test {
namespace {

using Environment = std::map<std::string, std::string>;

std::string sign_up_text() {
  return UserSite::post_text("/api/auth/signup",
                             R"({"username":"anna","email":"anna@example.com","password":"correct horse"})");
}

/// The statuses of a sign-up and /json, and the log.
struct Seen {
  int signed_up;
  int json;
  std::string log;
};

Seen started_with(const Environment& environment) {
  ServerProcess server({.arguments = {"--port", "0"}, .environment = environment});
  Seen seen{ask(server.port(), sign_up_text()).status, ask(server.port(), get_json).status, ""};
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  seen.log = server.err();
  return seen;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(UsersAtStart, work_with_a_short_secret_in_development_and_with_a_warning) {
  const Seen seen =
      started_with({{"REUSEPORT", "true"}, {"DATABASE_URL", "sqlite::memory:"}, {"JWT_SECRET", "bench"}});
  EXPECT_EQ(seen.signed_up, 201);
  EXPECT_EQ(seen.json, 200);
  EXPECT_EQ(count_of(seen.log, "JWT_SECRET has less than 32 bytes"), 1U) << seen.log;
  EXPECT_EQ(seen.log.find("bench"), std::string::npos) << seen.log;
}

TEST(UsersAtStart, are_unavailable_in_production_with_a_short_secret_which_one_line_says) {
  const Seen seen = started_with({{"ENVIRONMENT", "production"}, {"JWT_SECRET", "bench"}});
  EXPECT_EQ(seen.signed_up, 503);
  EXPECT_EQ(seen.json, 200);
  EXPECT_EQ(count_of(seen.log, "JWT_SECRET has less than 32 bytes: it is not used in production"), 1U)
      << seen.log;
}

TEST(UsersAtStart, are_unavailable_without_a_secret_which_one_line_says) {
  const Seen seen = started_with({});
  EXPECT_EQ(seen.signed_up, 503);
  EXPECT_EQ(count_of(seen.log, "JWT_SECRET is not set: there are no tokens"), 1U) << seen.log;
}

TEST(UsersAtStart, are_not_there_without_a_database_and_nothing_is_said_of_secrets) {
  const Seen seen = started_with({{"DATABASE_URL", "none"}});
  EXPECT_EQ(seen.signed_up, 404);
  EXPECT_EQ(seen.json, 200);
  EXPECT_EQ(seen.log.find("JWT_SECRET"), std::string::npos) << seen.log;
}

}  // namespace
}  // namespace chopin::test
