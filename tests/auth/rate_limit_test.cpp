#include "chopin/rate_limit.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace chopin {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr RateLimit::TimePoint start{1000h};

TEST(RateLimit, admits_a_burst_and_then_one_in_each_interval) {
  RateLimit limit({.burst = 3, .interval = 10s});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.admit("anna", start)) << i;
  EXPECT_EQ(limit.admit("anna", start), 10s);
  EXPECT_EQ(limit.admit("anna", start + 4s), 6s);
  EXPECT_FALSE(limit.admit("anna", start + 10s));
  EXPECT_EQ(limit.admit("anna", start + 10s), 10s);
  EXPECT_EQ(limit.admit("anna", start + 20s - 1ns), 1ns);
  EXPECT_FALSE(limit.admit("anna", start + 20s));
}

TEST(RateLimit, gives_the_whole_burst_again_after_a_rest) {
  RateLimit limit({.burst = 3, .interval = 10s});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.admit("anna", start));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.admit("anna", start + 30s)) << i;
  EXPECT_TRUE(limit.admit("anna", start + 30s));
}

TEST(RateLimit, does_not_count_what_it_refuses) {
  RateLimit limit({.burst = 1, .interval = 10s});
  EXPECT_FALSE(limit.admit("anna", start));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limit.admit("anna", start + 1s), 9s);
  EXPECT_FALSE(limit.admit("anna", start + 10s));
}

TEST(RateLimit, tells_keys_apart_whatever_bytes_they_have) {
  RateLimit limit({.burst = 1, .interval = 10s});
  for (const std::string& key : {""s, "a"s, "b"s, "a\0"s, "a\0b"s, std::string(1000, 'a')}) {
    EXPECT_FALSE(limit.admit(key, start)) << key;
    EXPECT_TRUE(limit.admit(key, start)) << key;
  }
}

TEST(RateLimit, says_in_whole_seconds_when_to_come_back) {
  RateLimit limit({.burst = 1, .interval = 2500ms});
  limit.check("anna", start);
  for (const auto& [after, seconds] : {std::pair{0ms, "3"}, {500ms, "2"}, {501ms, "2"}, {2499ms, "1"}}) {
    try {
      limit.check("anna", start + after);
      FAIL() << after.count();
    } catch (const HttpError& error) {
      EXPECT_EQ(error.status(), 429);
      ASSERT_EQ(error.response_fields().size(), 1U);
      EXPECT_EQ(error.response_fields().front(), std::pair("Retry-After"s, std::string(seconds)));
    }
  }
  limit.check("anna", start + 2500ms);
}

TEST(RateLimit, remembers_a_key_that_is_used_up_while_a_flood_of_others_passes) {
  RateLimit limit({.burst = 20, .interval = 1s, .keys = 512});
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(limit.admit("anna", start));
  for (int i = 0; i < 100'000; ++i) EXPECT_FALSE(limit.admit("other " + std::to_string(i), start));
  EXPECT_TRUE(limit.admit("anna", start));
}

TEST(RateLimit, forgets_keys_when_its_table_is_full) {
  RateLimit limit({.burst = 1, .interval = 1h, .keys = 512});
  for (int i = 0; i < 512 * 4; ++i) EXPECT_FALSE(limit.admit(std::to_string(i), start));
  int remembered = 0;
  for (int i = 0; i < 512 * 4; ++i) remembered += limit.admit(std::to_string(i), start) ? 1 : 0;
  EXPECT_LE(remembered, 512);
}

TEST(RateLimit, counts_right_from_several_threads) {
  RateLimit limit({.burst = 100, .interval = 1h});
  std::atomic<int> admitted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) admitted += limit.admit("anna", start) ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, 100);
}

TEST(RateLimit, refuses_options_without_a_meaning) {
  for (const RateLimitOptions& options :
       {RateLimitOptions{.burst = 0}, RateLimitOptions{.interval = 0ns}, RateLimitOptions{.interval = -1s},
        RateLimitOptions{.keys = 0}, RateLimitOptions{.burst = 4'000'000'000, .interval = 1h}}) {
    EXPECT_THROW(const RateLimit refused(options), std::invalid_argument);
  }
}

TEST(AddressPrefix, is_an_ipv4_address_or_the_first_half_of_an_ipv6_one) {
  const auto prefix = [](const char* address) { return address_prefix(*Peer::parse(address, 80)); };
  EXPECT_EQ(prefix("192.0.2.1"), prefix("::ffff:192.0.2.1"));
  EXPECT_NE(prefix("192.0.2.1"), prefix("192.0.2.2"));
  EXPECT_EQ(prefix("2001:db8:1:2::1"), prefix("2001:db8:1:2:ffff::"));
  EXPECT_NE(prefix("2001:db8:1:2::1"), prefix("2001:db8:1:3::1"));
  EXPECT_EQ(address_prefix(*Peer::parse("192.0.2.1", 1)), address_prefix(*Peer::parse("192.0.2.1", 2)));
  EXPECT_EQ(address_prefix(Peer()), "");
}

}  // namespace
}  // namespace chopin
