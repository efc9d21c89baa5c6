#include "chopin/token.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "auth/strict_token.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;

constexpr sys_seconds noon{1700000000s};
const std::string key_text = "a secret of more than 32 bytes, for tests";

std::optional<Claims> accepted(const TokenKeys& keys, std::string_view token,
                               std::chrono::system_clock::time_point now = noon) {
  const auto read = keys.verify(token, now);
  const Claims* const claims = std::get_if<Claims>(&read);
  return claims == nullptr ? std::nullopt : std::optional(*claims);
}

/// The claims of a payload that the key has signed.
std::optional<Claims> accepted_payload(std::string_view payload) {
  return accepted(TokenKeys(key_text), auth::signed_token(R"({"alg":"HS256"})", payload, key_text));
}

TEST(Token, reads_the_one_of_rfc_7515_appendix_a_1) {
  constexpr std::array<unsigned char, 64> key{3,   35,  53,  75,  43,  15,  165, 188, 131, 126, 6,   101, 119,
                                              123, 166, 143, 90,  179, 40,  230, 240, 84,  201, 40,  169, 15,
                                              132, 178, 210, 80,  46,  191, 211, 251, 90,  146, 210, 6,   71,
                                              239, 150, 138, 180, 195, 119, 98,  61,  34,  61,  46,  33,  114,
                                              5,   46,  79,  8,   192, 205, 154, 245, 103, 208, 128, 163};
  const std::string_view secret(reinterpret_cast<const char*>(key.data()), key.size());
  constexpr std::string_view token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_TRUE(auth::is_strict_token(token, secret));
  const TokenKeys keys(secret);
  const auto claims = accepted(keys, token, sys_seconds(1300819379s));
  ASSERT_TRUE(claims);
  EXPECT_EQ(*claims, (Claims{.expires = sys_seconds(1300819380s)}));
  EXPECT_EQ(std::get<TokenFault>(keys.verify(token, sys_seconds(1300819380s))), TokenFault::expired);
}

TEST(Token, gives_back_the_claims_that_were_signed) {
  const TokenKeys keys(key_text);
  const Claims all{.subject = "42",
                   .roles = {"admin", "\"quoted\" \\ caf\xc3\xa9"},
                   .id = "\x01 first",
                   .family = "f-1",
                   .expires = noon + 24h,
                   .not_before = noon,
                   .issued = noon};
  for (const Claims& claims : {all, Claims{.expires = noon + 1s}}) {
    const std::string token = keys.sign(claims);
    EXPECT_TRUE(auth::is_strict_token(token, key_text)) << token;
    EXPECT_EQ(accepted(keys, token), claims);
  }
}

TEST(Token, is_short_if_it_says_little) {
  EXPECT_EQ(TokenKeys(key_text).sign({.subject = "7", .expires = noon}),
            auth::signed_token(R"({"alg":"HS256"})", R"({"sub":"7","exp":1700000000})", key_text));
}

TEST(Token, may_have_other_claims_and_members_of_its_header) {
  const auto read = accepted(
      TokenKeys(key_text),
      auth::signed_token(R"({"kid":"1","alg":"HS256","typ":"jWt","x5c":[1,{"alg":"none"}]})",
                         R"( {"iss":"joe","aud":["a",{"exp":1}],"sub":"7","exp" : 1700000001,"n":1e999} )",
                         key_text));
  EXPECT_EQ(read, (Claims{.subject = "7", .expires = noon + 1s}));
}

TEST(Token, has_escapes_in_names_and_texts_read) {
  EXPECT_EQ(accepted_payload(R"({"\u0073ub":"\u00e9\n","e\u0078p":1700000001})"),
            (Claims{.subject = "\xc3\xa9\n", .expires = noon + 1s}));
}

TEST(Token, has_fractions_of_seconds_rounded_so_that_it_is_valid_for_no_longer) {
  EXPECT_EQ(accepted_payload(R"({"exp":1700000001.999,"nbf":1700000000.001,"iat":17e8})"),
            (Claims{.expires = noon + 1s, .not_before = noon + 1s, .issued = noon}));
}

TEST(Token, is_valid_until_the_moment_of_its_expiry) {
  const TokenKeys keys(key_text);
  const std::string token = keys.sign({.expires = noon});
  EXPECT_TRUE(accepted(keys, token, noon - 1ns));
  EXPECT_FALSE(accepted(keys, token, noon));
}

TEST(Token, allows_for_a_clock_that_is_five_seconds_ahead) {
  const TokenKeys keys(key_text);
  for (const Claims& claims : {Claims{.expires = noon + 1h, .not_before = noon + 5s},
                               Claims{.expires = noon + 1h, .issued = noon + 5s}}) {
    const std::string token = keys.sign(claims);
    EXPECT_TRUE(accepted(keys, token, noon));
    EXPECT_FALSE(accepted(keys, token, noon - 1ns));
  }
}

TEST(Token, of_the_previous_secret_is_accepted_until_that_is_dropped) {
  const Claims claims{.subject = "7", .expires = noon + 1h};
  const std::string old_token = TokenKeys("the old secret").sign(claims);
  const TokenKeys rotated("the new secret", "the old secret");
  EXPECT_EQ(accepted(rotated, old_token), claims);
  EXPECT_EQ(accepted(rotated, rotated.sign(claims)), claims);
  EXPECT_EQ(rotated.sign(claims), TokenKeys("the new secret").sign(claims));
  EXPECT_FALSE(accepted(TokenKeys("the new secret"), old_token));
}

TEST(Token, may_have_4096_bytes_and_32_roles_and_no_more) {
  const TokenKeys keys(key_text);
  Claims claims{.subject = std::string(2900, 'x'), .expires = noon + 1h};
  while (keys.sign(claims).size() < TokenKeys::max_token) claims.subject += 'x';
  const std::string longest = keys.sign(claims);
  EXPECT_EQ(longest.size(), TokenKeys::max_token);
  EXPECT_EQ(accepted(keys, longest), claims);
  claims.subject += 'x';
  EXPECT_THROW((void)keys.sign(claims), std::invalid_argument);
  claims.subject.clear();
  claims.roles.assign(32, "r");
  EXPECT_EQ(accepted(keys, keys.sign(claims)), claims);
  claims.roles.emplace_back("r");
  EXPECT_THROW((void)keys.sign(claims), std::invalid_argument);
}

TEST(Token, is_not_signed_if_it_would_not_be_read) {
  const TokenKeys keys(key_text);
  const sys_seconds end{253402300799s};
  EXPECT_TRUE(accepted(keys, keys.sign({.expires = end})));
  for (const Claims& claims :
       {Claims{}, Claims{.expires = sys_seconds(-1s)}, Claims{.expires = end + 1s},
        Claims{.expires = end, .not_before = sys_seconds(-1s)}, Claims{.expires = end, .issued = end + 1s},
        Claims{.subject = "\xff", .expires = end}, Claims{.roles = {"\xc3"}, .expires = end},
        Claims{.id = "\x80", .expires = end}, Claims{.family = "\xed\xa0\x80", .expires = end}}) {
    EXPECT_THROW((void)keys.sign(claims), std::invalid_argument);
  }
}

TEST(Token, needs_a_secret_that_the_settings_would_accept) {
  for (const std::string& secret : {std::string(), std::string(1025, 'x')}) {
    EXPECT_THROW(TokenKeys{secret}, std::invalid_argument);
  }
  EXPECT_THROW(TokenKeys("x", std::string(1025, 'x')), std::invalid_argument);
  EXPECT_NO_THROW(TokenKeys(std::string(1024, 'x'), "x"));
}

}  // namespace
}  // namespace chopin
