#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "auth/strict_token.hpp"
#include "chopin/token.hpp"

namespace chopin {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_seconds today{1700000000s};
constexpr std::string_view plain_header = R"({"alg":"HS256"})";
constexpr std::string_view plain_payload = R"({"sub":"7","exp":1700000001})";
const std::string refusing_secret = "the secret that refuses";

/// Why a token is refused, "" if it is not.
std::string refusal_of(std::string_view token) {
  const auto read = TokenKeys(refusing_secret).verify(token, today);
  const TokenFault* const fault = std::get_if<TokenFault>(&read);
  return fault == nullptr ? "" : std::string(to_string(*fault));
}

std::string refusal_of_header(std::string_view header) {
  return refusal_of(auth::signed_token(header, plain_payload, refusing_secret));
}

std::string refusal_of_payload(std::string_view payload) {
  return refusal_of(auth::signed_token(plain_header, payload, refusing_secret));
}

std::string valid_token() {
  return auth::signed_token(plain_header, plain_payload, refusing_secret);
}

TEST(TokenRefusals, begin_where_a_valid_token_ends) {
  EXPECT_EQ(refusal_of(valid_token()), "");
  EXPECT_EQ(refusal_of_header(R"({"alg":"HS256","typ":"JWT"})"), "");
}

TEST(TokenRefusals, are_of_other_algorithms_whatever_the_signature) {
  for (const std::string_view header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"HS512"})", R"({"alg":"HS384"})",
        R"({"alg":"RS256"})", R"({"alg":"hs256"})", R"({"alg":"HS256 "})", R"({"alg":""})", R"({"alg":null})",
        R"({"alg":["HS256"]})", R"({"typ":"JWT"})", R"({})", R"({"ALG":"HS256"})"}) {
    EXPECT_EQ(refusal_of_header(header), "the algorithm of the token is not HS256") << header;
  }
  const std::string unsigned_text =
      auth::strict_base64url(R"({"alg":"none"})") + "." + auth::strict_base64url(plain_payload);
  EXPECT_EQ(refusal_of(unsigned_text + "."), "the algorithm of the token is not HS256");
  EXPECT_EQ(refusal_of(unsigned_text), "the token does not have three parts");
}

TEST(TokenRefusals, are_of_critical_extensions_and_other_types) {
  for (const std::string_view header :
       {R"({"alg":"HS256","crit":[]})", R"({"crit":["b64"],"b64":false,"alg":"HS256"})",
        R"({"alg":"HS256","crit":null})"}) {
    EXPECT_EQ(refusal_of_header(header), "the token has a critical extension") << header;
  }
  for (const std::string_view header : {R"({"alg":"HS256","typ":"at+jwt"})", R"({"alg":"HS256","typ":"JWE"})",
                                        R"({"alg":"HS256","typ":1})", R"({"alg":"HS256","typ":""})"}) {
    EXPECT_EQ(refusal_of_header(header), "the type of the token is not JWT") << header;
  }
}

TEST(TokenRefusals, are_of_headers_that_are_no_plain_object) {
  for (const std::string_view header :
       {"", "null", "[]", R"("HS256")", R"({"alg":"HS256")", R"({"alg":"HS256"}})", R"({"alg":"HS256"} {})",
        R"({"alg":"HS256",})", R"({"alg":"HS256","alg":"HS256"})", R"({"alg":"HS256","\u0061lg":"HS256"})",
        R"({"alg":"HS256","kid":1,"kid":1})", R"({"alg":"HS256","kid":tru})", R"({'alg':'HS256'})",
        "{\"alg\":\"HS256\",\"kid\":\"\xff\"}", "\xef\xbb\xbf{\"alg\":\"HS256\"}"}) {
    EXPECT_EQ(refusal_of_header(header), "the header of the token is no JSON object") << header;
  }
}

TEST(TokenRefusals, are_of_other_keys) {
  for (const std::string& key : {std::string("the secret that refuseS"), refusing_secret + "s", std::string(),
                                 refusing_secret + '\x01'}) {
    EXPECT_EQ(refusal_of(auth::signed_token(plain_header, plain_payload, key)),
              "the signature of the token is wrong");
  }
}

TEST(TokenRefusals, are_of_every_shorter_token) {
  const std::string token = valid_token();
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_NE(refusal_of(token.substr(0, size)), "") << size;
}

TEST(TokenRefusals, are_of_every_token_with_another_byte_anywhere) {
  const std::string token = valid_token();
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = token;
      changed[at] = static_cast<char>(c);
      EXPECT_EQ(refusal_of(changed).empty(), changed == token) << at << ' ' << c;
    }
  }
}

TEST(TokenRefusals, are_of_every_token_with_a_byte_more_anywhere) {
  const std::string token = valid_token();
  for (std::size_t at = 0; at <= token.size(); ++at) {
    for (const char more : {'.', '=', ' ', '\n', 'A', '\0'}) {
      std::string changed = token;
      changed.insert(at, 1, more);
      EXPECT_NE(refusal_of(changed), "") << at << ' ' << more;
    }
  }
}

TEST(TokenRefusals, are_of_more_or_less_than_two_dots) {
  const std::string token = valid_token();
  for (const std::string& text : {std::string(), std::string("."), std::string("a"), token + ".", "." + token,
                                  token + ".a", std::string("...."), token.substr(token.find('.') + 1)}) {
    EXPECT_EQ(refusal_of(text), "the token does not have three parts") << text;
  }
  EXPECT_EQ(refusal_of(".."), "the header of the token is no JSON object");
}

TEST(TokenRefusals, are_of_padding_and_white_space_and_unused_bits_even_if_they_are_signed) {
  const std::string header = auth::strict_base64url(plain_header);
  const std::string payload = auth::strict_base64url(plain_payload);
  ASSERT_EQ(payload.size() % 4, 2U);
  const auto refusal_of_text = [](const std::string& text) {
    return refusal_of(auth::with_signature(text, refusing_secret));
  };
  EXPECT_EQ(refusal_of_text(header + "." + payload), "");
  const std::string fault = "a part of the token is not base64url without padding";
  std::string unused_bits = payload;
  ++unused_bits.back();
  for (const std::string& other : {payload + "==", payload + " ", " " + payload, payload + "\n", unused_bits,
                                   payload.substr(0, payload.size() - 1)}) {
    EXPECT_EQ(refusal_of_text(header + "." + other), fault) << other;
  }
  EXPECT_EQ(refusal_of_text(header + "=." + payload), fault);
  EXPECT_EQ(refusal_of_text(header + "\n." + payload), fault);
  const std::string token = valid_token();
  EXPECT_EQ(refusal_of(token + "="), "the signature of the token is wrong");
  std::string other_bits = token;
  ++other_bits.back();
  EXPECT_EQ(refusal_of(other_bits), fault);
}

TEST(TokenRefusals, are_of_4097_bytes_whatever_they_are) {
  EXPECT_EQ(refusal_of(std::string(4097, '.')), "the token is too long");
  EXPECT_EQ(refusal_of(std::string(4096, '.')), "the token does not have three parts");
  EXPECT_EQ(refusal_of(std::string(4094, 'A') + ".."), "the header of the token is no JSON object");
}

TEST(TokenRefusals, say_nothing_about_claims_that_are_not_signed) {
  const std::string token = auth::signed_token(plain_header, "not JSON", "another key");
  EXPECT_EQ(refusal_of(token), "the signature of the token is wrong");
}

TEST(TokenRefusals, are_of_claims_that_are_no_object) {
  for (const std::string_view payload : {"",
                                         " ",
                                         "null",
                                         "[]",
                                         "7",
                                         R"(["exp",1700000001])",
                                         R"({"exp":1700000001)",
                                         R"({"exp":1700000001}})",
                                         R"({"exp":1700000001}x)",
                                         R"({"exp":1700000001,})",
                                         R"({"exp" 1700000001})",
                                         R"({"exp":1700000001}{})",
                                         R"({"exp":1700000001,"x":[1,]})",
                                         R"({"exp":1700000001,"x":[[[})",
                                         R"({"exp":1700000001,"x":01})",
                                         R"({"exp":1700000001,"sub":"\ud800"})",
                                         R"({"exp":1700000001,"sub":"\x"})",
                                         R"({"exp":1700000001,"\ud800":1})",
                                         "{\"exp\":1700000001,\"sub\":\"\xff\"}",
                                         "{\"exp\":1700000001,\"sub\":\"\xc3\"}",
                                         "{\"exp\":1700000001,\"sub\":\"\xed\xa0\x80\"}",
                                         "{\"exp\":1700000001,\"sub\":\"a\nb\"}",
                                         "{\"exp\":1700000001,\"\xff\":1}",
                                         "\xef\xbb\xbf{\"exp\":1700000001}",
                                         R"({exp:1700000001})",
                                         R"({"exp":1700000001,"roles":["a":1]})"}) {
    EXPECT_EQ(refusal_of_payload(payload), "the claims of the token are no JSON object") << payload;
  }
  EXPECT_EQ(refusal_of_payload(std::string(R"({"exp":1700000001,"sub":")") + '\0' + "\"}"),
            "the claims of the token are no JSON object");
}

TEST(TokenRefusals, are_of_claims_that_are_there_twice) {
  for (const std::string_view payload :
       {R"({"exp":1700000001,"exp":1700000001})", R"({"exp":1,"exp":1700000001})",
        R"({"exp":1700000001,"sub":"7","\u0073ub":"7"})", R"({"exp":1700000001,"x":1,"x":1})",
        R"({"exp":1700000001,"roles":[],"roles":["admin"]})"}) {
    EXPECT_EQ(refusal_of_payload(payload), "the token has a claim twice") << payload;
  }
}

TEST(TokenRefusals, are_of_more_than_32_claims) {
  std::string payload = R"({"exp":1700000001)";
  for (int i = 1; i < 32; ++i) payload += ",\"c" + std::to_string(i) + "\":0";
  EXPECT_EQ(refusal_of_payload(payload + "}"), "");
  EXPECT_EQ(refusal_of_payload(payload + R"(,"c32":0})"), "the token has too many claims");
}

TEST(TokenRefusals, are_of_a_missing_or_past_expiry) {
  for (const std::string_view payload : {R"({})", R"({"sub":"7"})", R"({"x":{"exp":1700000001}})"}) {
    EXPECT_EQ(refusal_of_payload(payload), "the token has no expiry") << payload;
  }
  for (const std::string_view number : {"0", "-0", "1", "1699999999", "1700000000", "1700000000.9", "17e8"}) {
    EXPECT_EQ(refusal_of_payload(R"({"exp":)" + std::string(number) + "}"), "the token has expired")
        << number;
  }
}

TEST(TokenRefusals, are_of_times_that_are_no_numbers_or_out_of_range) {
  for (const char* claim : {"exp", "nbf", "iat"}) {
    for (const char* value : {"\"1700000001\"", "null", "true", "[]", "[1700000001]", "{}", "-1", "-1e300",
                              "253402300800", "1e12", "1e308", "9223372036854775807", "18446744073709551615",
                              "18446744073709551616", "100000000000000000000000000000000"}) {
      const std::string payload = std::string("{\"") + claim + "\":" + value + "}";
      EXPECT_EQ(refusal_of_payload(payload), "a claim of the token is not of its type") << payload;
    }
    for (const char* value : {"1e999", "01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "1_000", "-"}) {
      EXPECT_NE(refusal_of_payload(std::string("{\"") + claim + "\":" + value + ",\"exp\":1700000001}"), "")
          << value;
    }
  }
  EXPECT_EQ(refusal_of_payload(R"({"exp":253402300799})"), "");
}

TEST(TokenRefusals, are_of_tokens_from_the_future) {
  EXPECT_EQ(refusal_of_payload(R"({"exp":1700000060,"nbf":1700000006})"), "the token is not valid yet");
  EXPECT_EQ(refusal_of_payload(R"({"exp":1700000060,"nbf":1700000005.1})"), "the token is not valid yet");
  EXPECT_EQ(refusal_of_payload(R"({"exp":1700000060,"iat":1700000006})"),
            "the token was issued in the future");
  EXPECT_EQ(refusal_of_payload(R"({"exp":1700000060,"iat":253402300799})"),
            "the token was issued in the future");
}

TEST(TokenRefusals, are_of_texts_and_roles_of_another_type) {
  for (const std::string_view claim :
       {R"("sub":7)", R"("sub":null)", R"("sub":["7"])", R"("jti":7)", R"("family":{})", R"("roles":"admin")",
        R"("roles":{"admin":true})", R"("roles":[["admin"]])", R"("roles":["user",7])", R"("roles":[null])",
        R"("roles":[{}])", R"("roles":null)"}) {
    EXPECT_EQ(refusal_of_payload("{\"exp\":1700000001," + std::string(claim) + "}"),
              "a claim of the token is not of its type")
        << claim;
  }
  std::string roles = "\"r\"";
  for (int i = 0; i < 32; ++i) roles += ",\"r\"";
  EXPECT_EQ(refusal_of_payload("{\"exp\":1700000001,\"roles\":[" + roles + "]}"),
            "a claim of the token is not of its type");
}

TEST(TokenRefusals, are_of_arrays_in_arrays_without_end) {
  const std::string deep(1200, '[');
  EXPECT_NE(refusal_of_payload("{\"exp\":1700000001,\"x\":" + deep + std::string(1200, ']') + "}"), "");
  EXPECT_NE(refusal_of_payload("{\"exp\":1700000001,\"roles\":" + deep + std::string(1200, ']') + "}"), "");
  EXPECT_EQ(refusal_of_payload("{\"exp\":1700000001,\"x\":" + std::string(1000, '[') +
                               std::string(1000, ']') + "}"),
            "");
}

}  // namespace
}  // namespace chopin
