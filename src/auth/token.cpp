#include "chopin/token.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "auth/hmac_key.hpp"
#include "auth/token_json.hpp"
#include "text/base64url.hpp"
#include "text/utf8.hpp"

namespace chopin {
namespace {

using auth::HmacKey;
using std::chrono::sys_seconds;

/// {"alg":"HS256"}: without `typ`, which is optional, a usual token takes a block less to hash.
constexpr std::string_view own_header = "eyJhbGciOiJIUzI1NiJ9";
/// {"alg":"HS256","typ":"JWT"}, which most others write.
constexpr std::string_view usual_header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

constexpr std::size_t mac_characters = 43;
static_assert(text::decoded_size(mac_characters) == sizeof(HmacKey::Mac));

/// A part of a token, decoded.
class DecodedPart {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): to zero 3 KiB would cost as much as to decode
  explicit DecodedPart(std::string_view text) noexcept {
    const auto size = text::decode_base64url(text, bytes_.data());
    is_valid_ = size.has_value();
    size_ = size.value_or(0);
  }

  [[nodiscard]] bool is_valid() const noexcept { return is_valid_; }
  [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, text::decoded_size(TokenKeys::max_token)> bytes_;
  std::size_t size_ = 0;
  bool is_valid_ = false;
};

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< header and payload, with the dot between them
};

std::optional<Parts> split(std::string_view token) noexcept {
  constexpr std::size_t none = std::string_view::npos;
  const std::size_t first = token.find('.');
  if (first == none) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == none || token.find('.', second + 1) != none) return std::nullopt;
  return Parts{.header = token.substr(0, first),
               .payload = token.substr(first + 1, second - first - 1),
               .signature = token.substr(second + 1),
               .signed_text = token.substr(0, second)};
}

std::optional<TokenFault> fault_of_header(std::string_view header) {
  if (header == own_header || header == usual_header) return std::nullopt;
  const DecodedPart decoded(header);
  if (!decoded.is_valid()) return TokenFault::not_base64url;
  return auth::fault_of_header(decoded.text());
}

/// In seconds, in which the year 9999 can be counted. For a whole second the fraction makes no difference.
std::optional<TokenFault> fault_of_times(const Claims& claims, sys_seconds now) {
  const sys_seconds latest = now + TokenKeys::leeway;
  if (now >= claims.expires) return TokenFault::expired;
  if (claims.not_before && *claims.not_before > latest) return TokenFault::not_yet_valid;
  if (claims.issued && *claims.issued > latest) return TokenFault::issued_in_the_future;
  return std::nullopt;
}

bool is_utf8(std::string_view text) noexcept {
  return text::valid_utf8_prefix(text) == text.size();
}

bool is_time(sys_seconds time) noexcept {
  return time >= sys_seconds{} && time <= auth::last_second;
}

std::string_view fault_of(const Claims& claims) {
  if (claims.expires == sys_seconds{}) return "claims need an expiry";
  if (!is_time(claims.expires) || !is_time(claims.not_before.value_or(claims.expires)) ||
      !is_time(claims.issued.value_or(claims.expires))) {
    return "the times of claims lie between 1970 and 9999";
  }
  if (claims.roles.size() > TokenKeys::max_roles) return "claims have too many roles";
  if (!is_utf8(claims.subject) || !is_utf8(claims.id) || !is_utf8(claims.family) ||
      !std::ranges::all_of(claims.roles, is_utf8)) {
    return "the texts of claims are UTF-8";
  }
  return {};
}

void require_size(std::string_view secret) {
  if (ranges::token_secret.contains(secret.size())) return;
  throw std::invalid_argument("a secret of tokens has 1 to 1024 bytes");
}

}  // namespace

struct TokenKeys::Keys {
  explicit Keys(std::string_view secret, std::string_view previous) : current(secret) {
    if (!previous.empty()) former.emplace(previous);
  }

  [[nodiscard]] bool have_signed(const Parts& parts, const HmacKey::Mac& mac) const noexcept {
    return current.is_mac_of(parts.signed_text, mac) || (former && former->is_mac_of(parts.signed_text, mac));
  }

  HmacKey current;
  std::optional<HmacKey> former;
};

TokenKeys::TokenKeys(TextArgument secret, TextArgument previous) {
  require_size(secret);
  if (!std::string_view(previous).empty()) require_size(previous);
  keys_ = std::make_shared<const Keys>(secret, previous);
}

std::string TokenKeys::sign(const Claims& claims) const {
  if (const std::string_view fault = fault_of(claims); !fault.empty())
    throw std::invalid_argument(std::string(fault));
  ByteBuffer json;
  auth::write_claims(claims, json);
  std::string token(own_header);
  token.append(".").append(text::encode_base64url(json.bytes()));
  const HmacKey::Mac mac = keys_->current.mac_of(token);
  token.append(".").append(text::encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()}));
  if (token.size() > max_token) throw std::invalid_argument("claims are too long for a token");
  return token;
}

std::variant<Claims, TokenFault> TokenKeys::verify(std::string_view token,
                                                   std::chrono::system_clock::time_point now) const {
  if (token.size() > max_token) return TokenFault::too_long;
  const auto parts = split(token);
  if (!parts) return TokenFault::not_three_parts;
  if (const auto fault = fault_of_header(parts->header)) return *fault;
  HmacKey::Mac mac;
  if (parts->signature.size() != mac_characters) return TokenFault::wrong_signature;
  if (!text::decode_base64url(parts->signature, reinterpret_cast<char*>(mac.data()))) {
    return TokenFault::not_base64url;
  }
  if (!keys_->have_signed(*parts, mac)) return TokenFault::wrong_signature;
  const DecodedPart payload(parts->payload);
  if (!payload.is_valid()) return TokenFault::not_base64url;
  auto read = auth::read_claims(payload.text());
  if (const Claims* const claims = std::get_if<Claims>(&read)) {
    if (const auto fault = fault_of_times(*claims, std::chrono::floor<std::chrono::seconds>(now)))
      return *fault;
  }
  return read;
}

std::string_view to_string(TokenFault fault) noexcept {
  switch (fault) {
    case TokenFault::too_long: return "the token is too long";
    case TokenFault::not_three_parts: return "the token does not have three parts";
    case TokenFault::not_base64url: return "a part of the token is not base64url without padding";
    case TokenFault::malformed_header: return "the header of the token is no JSON object";
    case TokenFault::wrong_algorithm: return "the algorithm of the token is not HS256";
    case TokenFault::critical_extension: return "the token has a critical extension";
    case TokenFault::wrong_type: return "the type of the token is not JWT";
    case TokenFault::wrong_signature: return "the signature of the token is wrong";
    case TokenFault::malformed_claims: return "the claims of the token are no JSON object";
    case TokenFault::too_many_claims: return "the token has too many claims";
    case TokenFault::duplicate_claim: return "the token has a claim twice";
    case TokenFault::wrong_claim_type: return "a claim of the token is not of its type";
    case TokenFault::no_expiry: return "the token has no expiry";
    case TokenFault::expired: return "the token has expired";
    case TokenFault::not_yet_valid: return "the token is not valid yet";
    case TokenFault::issued_in_the_future: break;
  }
  return "the token was issued in the future";
}

}  // namespace chopin
