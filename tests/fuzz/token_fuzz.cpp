// The input is used as a token, as a header and as claims that are signed, and as a change to a valid token.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/strict_token.hpp"
#include "chopin/token.hpp"
#include "exact_bytes.hpp"
#include "fuzz_target.hpp"
#include "require.hpp"
#include "strict_json.hpp"

namespace chopin::fuzz {
namespace {

constexpr std::chrono::sys_seconds now{std::chrono::seconds(1700000000)};
constexpr std::string_view secret = "the key of the corpus, 32 bytes.";
constexpr std::string_view plain_header = R"({"alg":"HS256"})";
constexpr std::size_t deepest = 1024;

const TokenKeys& keys() {
  static const TokenKeys made{secret};
  return made;
}

/// What is accepted must be a token by all that a second reader can tell, and its claims must be signed again
/// to the same effect.
std::optional<Claims> judge(std::string_view token) {
  const ExactBytes bytes(token);
  const auto read = keys().verify(bytes.view(), now);
  if (const TokenFault* const fault = std::get_if<TokenFault>(&read)) {
    require(to_string(*fault).find("token") != std::string_view::npos, "a refusal says why");
    return std::nullopt;
  }
  const Claims& claims = std::get<Claims>(read);
  require(token.size() <= TokenKeys::max_token, "a token is bounded");
  require(auth::is_strict_token(token, secret), "a token is written in one way, and signed");
  const std::size_t dot = token.find('.');
  const std::string header = auth::strict_bytes(token.substr(0, dot));
  const std::string payload = auth::strict_bytes(token.substr(dot + 1, token.rfind('.') - dot - 1));
  require(is_strict_json(header, deepest) && is_strict_json(payload, deepest), "a token holds JSON");
  require(header.find("HS256") != std::string::npos || header.find('\\') != std::string::npos,
          "the algorithm");
  require(claims.expires > now, "a token is valid before its expiry");
  require(claims.not_before.value_or(now) <= now + TokenKeys::leeway, "a token is not from the future");
  require(claims.issued.value_or(now) <= now + TokenKeys::leeway, "a token was not issued in the future");
  require(claims.roles.size() <= TokenKeys::max_roles, "roles are bounded");
  return claims;
}

void judge_claims(std::string_view payload) {
  const std::string token = auth::signed_token(plain_header, payload, secret);
  const auto claims = judge(token);
  if (!claims) return;
  constexpr std::size_t most_growth = 3;  // a newline may have been \n, and becomes \u000a
  if (token.size() * most_growth <= TokenKeys::max_token) {
    require(judge(keys().sign(*claims)) == claims, "claims that were read can be signed and read again");
  }
  std::string payload_twice(payload.substr(0, payload.rfind('}')));
  payload_twice += R"(,"exp":1700000001})";
  require(!judge(auth::signed_token(plain_header, payload_twice, secret)), "no claim is there twice");
}

/// The first two bytes are a place, the third is what becomes of the byte there.
void judge_change(std::string_view input) {
  if (input.size() < 3) return;
  const std::string token =
      keys().sign({.subject = "7", .roles = {"user"}, .expires = now + TokenKeys::leeway});
  std::string changed = token;
  const std::size_t place =
      static_cast<unsigned char>(input[0]) * std::size_t{256} + static_cast<unsigned char>(input[1]);
  changed[place % changed.size()] = input[2];
  require(judge(changed).has_value() == (changed == token), "a token that was changed is refused");
  changed = token;
  changed.replace(place % changed.size(), 1, input.substr(2));
  require(judge(changed).has_value() == (changed == token), "a token that was changed in size is refused");
}

void run(std::string_view input) {
  judge(input);
  judge(auth::with_signature(std::string(input), secret));
  judge(auth::signed_token(input, R"({"exp":1700000001})", secret));
  judge_claims(input);
  judge_change(input);
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
