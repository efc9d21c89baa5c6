#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/token.hpp"

namespace chopin {
namespace {

using Lines = std::vector<std::string>;

const std::string long_secret(32, 's');
const std::string short_secret(31, 's');

Config config_with(Environment environment, std::string secret, std::string previous = {}) {
  Config config;
  config.environment = environment;
  config.auth.secret = std::move(secret);
  config.auth.previous_secret = std::move(previous);
  return config;
}

/// Whether the keys of the settings accept a token that the secret has signed.
bool is_accepted(const ConfiguredTokenKeys& configured, const std::string& secret) {
  const auto now = std::chrono::system_clock::now();
  const auto soon = std::chrono::floor<std::chrono::seconds>(now) + std::chrono::minutes(1);
  const std::string token = TokenKeys(secret).sign({.expires = soon});
  return std::holds_alternative<Claims>(configured.keys.value().verify(token, now));
}

TEST(ConfiguredTokenKeys, are_used_without_a_warning_from_32_bytes_on) {
  const ConfiguredTokenKeys configured = token_keys(config_with(Environment::production, long_secret));
  EXPECT_EQ(configured.warnings, Lines{});
  EXPECT_TRUE(is_accepted(configured, long_secret));
  EXPECT_FALSE(is_accepted(configured, short_secret));
}

TEST(ConfiguredTokenKeys, are_used_with_a_warning_below_32_bytes_except_in_production) {
  for (const Environment environment : {Environment::development, Environment::test}) {
    const ConfiguredTokenKeys configured = token_keys(config_with(environment, "bench"));
    EXPECT_EQ(configured.warnings,
              Lines{"JWT_SECRET has less than 32 bytes: whoever guesses it can make tokens, "
                    "so production does not use it"});
    EXPECT_TRUE(is_accepted(configured, "bench"));
  }
}

TEST(ConfiguredTokenKeys, are_missing_in_production_below_32_bytes) {
  const ConfiguredTokenKeys configured = token_keys(config_with(Environment::production, short_secret));
  EXPECT_EQ(configured.warnings, Lines{"JWT_SECRET has less than 32 bytes: it is not used in production"});
  EXPECT_FALSE(configured.keys);
}

TEST(ConfiguredTokenKeys, are_missing_without_a_secret) {
  const ConfiguredTokenKeys configured = token_keys(config_with(Environment::development, "", long_secret));
  EXPECT_EQ(configured.warnings, Lines{"JWT_SECRET is not set: there are no tokens"});
  EXPECT_FALSE(configured.keys);
}

TEST(ConfiguredTokenKeys, include_the_previous_secret_unless_it_is_short_in_production) {
  EXPECT_TRUE(is_accepted(token_keys(config_with(Environment::production, long_secret, std::string(32, 'p'))),
                          std::string(32, 'p')));
  EXPECT_TRUE(is_accepted(token_keys(config_with(Environment::test, long_secret, "old")), "old"));
  const ConfiguredTokenKeys configured = token_keys(config_with(Environment::production, long_secret, "old"));
  EXPECT_EQ(configured.warnings,
            Lines{"JWT_SECRET_PREVIOUS has less than 32 bytes: it is not used in production"});
  EXPECT_FALSE(is_accepted(configured, "old"));
  EXPECT_TRUE(is_accepted(configured, long_secret));
}

}  // namespace
}  // namespace chopin
