#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "chopin/token.hpp"

namespace chopin {
namespace {

/// Whether the secret may be used. A short one is a warning, which says so without its size.
bool judge_secret(std::string_view variable, std::string_view secret, Environment environment,
                  std::vector<std::string>& warnings) {
  if (secret.size() >= TokenKeys::strong_secret) return true;
  const bool is_production = environment == Environment::production;
  warnings.push_back(fmt::format("{} has less than {} bytes: {}", variable, TokenKeys::strong_secret,
                                 is_production
                                     ? "it is not used in production"
                                     : "whoever guesses it can make tokens, so production does not use it"));
  return !is_production;
}

}  // namespace

ConfiguredTokenKeys token_keys(const Config& config) {
  const AuthConfig& auth = config.auth;
  ConfiguredTokenKeys configured;
  if (auth.secret.empty()) {
    configured.warnings.emplace_back("JWT_SECRET is not set: there are no tokens");
    return configured;
  }
  if (!judge_secret("JWT_SECRET", auth.secret, config.environment, configured.warnings)) return configured;
  std::string_view previous = auth.previous_secret;
  if (!previous.empty() &&
      !judge_secret("JWT_SECRET_PREVIOUS", previous, config.environment, configured.warnings)) {
    previous = {};
  }
  configured.keys.emplace(auth.secret, previous);
  return configured;
}

}  // namespace chopin
