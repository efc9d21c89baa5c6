#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "app/user_routes.hpp"
#include "app/user_routes_case.hpp"
#include "app/user_site.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

TEST_P(UserRoutesOn, slow_down_who_tries_many_passwords_for_one_account) {
  const UserSite site(user_config(database.config()));
  ASSERT_EQ(site.sign_up("anna", "anna@example.com").status, 201);
  ASSERT_EQ(site.sign_up("bert", "bert@example.com").status, 201);
  Response last;
  for (int i = 0; i < 10 && last.status != 429; ++i) last = site.log_in("anna@EXAMPLE.com", "wrong horse");
  EXPECT_EQ(last.status, 429);
  EXPECT_GE(std::stoi(last.field("Retry-After")), 1);
  EXPECT_LE(std::stoi(last.field("Retry-After")), 6);
  EXPECT_EQ(site.log_in("bert@example.com").status, 200);
}

TEST_P(UserRoutesOn, slow_down_who_tries_many_accounts_from_one_address) {
  const UserSite site(user_config(database.config()));
  std::vector<int> statuses;
  for (int i = 0; i < 100; ++i) {
    statuses.push_back(site.log_in(fmt::format("user{}@example.com", i), "wrong horse").status);
  }
  EXPECT_GE(std::ranges::count(statuses, 401), 60);
  EXPECT_GE(std::ranges::count(statuses, 429), 1);
}

/// A password takes some 100 ms of one thread.
constexpr PasswordOptions dear_hashing{.threads = 1,
                                       .most_waiting = 4,
                                       .memory = std::size_t{64} * 1024 * 1024,
                                       .passes = 2,
                                       .when_idle = false};

TEST_P(UserRoutesOn, respond_to_each_of_a_hundred_logins_at_once) {
  const UserSite site(user_config(database.config()), dear_hashing);
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(site.port());
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].send(UserSite::login_text(fmt::format("user{}@example.com", i)));
  }
  std::size_t served = 0;
  std::size_t put_off = 0;
  for (RawClient& client : clients) {
    const Response response = client.read_response();
    if (response.status == 401) {
      ++served;
    } else {
      EXPECT_TRUE(response.status == 503 || response.status == 429) << response.status;
      EXPECT_FALSE(response.field("Retry-After").empty());
      ++put_off;
    }
  }
  EXPECT_GE(served, 1U);
  EXPECT_GE(put_off, 1U);
}

TEST_P(UserRoutesOn, stop_while_passwords_wait_to_be_hashed) {
  for (const bool drains : {true, false}) {
    UserSite site(user_config(database.config()), dear_hashing);
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < dear_hashing.most_waiting; ++i) {
      clients.emplace_back(site.port());
      clients.back().send(UserSite::login_text(fmt::format("user{}@example.com", i)));
    }
    EXPECT_EQ(clients.front().read_response().status, 401);  // so the others are under way
    if (drains) {
      site.server().drain();
      site.server().join();
      for (std::size_t i = 1; i < clients.size(); ++i) EXPECT_EQ(clients[i].read_response().status, 401) << i;
    } else {
      site.server().stop();
    }
  }
}

}  // namespace
}  // namespace chopin::test
