#include "auth/token_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <simdjson.h>

#include "chopin/json.hpp"
#include "json/document.hpp"
#include "text/characters.hpp"

namespace chopin::auth {
namespace {

namespace ondemand = simdjson::ondemand;
using std::chrono::sys_seconds;

/// What is wrong with an object itself, for a header or for claims.
struct ObjectFaults {
  TokenFault malformed;
  TokenFault too_many;
  TokenFault duplicate;
};

/// The text of an object, which is read from its start to its end.
class Object {
 public:
  explicit Object(std::string_view text) : text_(text), document_(json::Document::take()) {}

  /// Calls `visit(name, value)` for each member, until it returns a fault.
  template <class Visitor>
  std::optional<TokenFault> visit_members(const ObjectFaults& faults, Visitor visit) {
    try {
      const auto fault = walk(faults, visit);
      const bool is_well_formed = fault ? is_json() : is_sound();
      return is_well_formed ? fault : faults.malformed;
    } catch (const simdjson::simdjson_error&) {
      return faults.malformed;
    }
  }

  void note_ignored() noexcept { has_ignored_ = true; }

 private:
  template <class Visitor>
  std::optional<TokenFault> walk(const ObjectFaults& faults, Visitor visit) {
    if (!document_->begin(text_)) return faults.malformed;
    auto root = document_->root();
    if (!root) return faults.malformed;
    std::array<std::string_view, TokenKeys::max_members> names;
    std::size_t count = 0;
    for (ondemand::field field : root->get_object()) {
      const std::string_view name = json::unescaped_name(field).value();
      const std::span known(names.data(), count);
      if (std::ranges::find(known, name) != known.end()) return faults.duplicate;
      if (count == names.size()) return faults.too_many;
      names[count++] = name;
      if (const auto fault = visit(name, field.value())) return fault;
    }
    if (!document_->is_at_end()) return faults.malformed;
    return std::nullopt;
  }

  /// On-Demand checks only what is read, and its versions differ about half a surrogate pair.
  [[nodiscard]] bool is_sound() {
    const bool is_checked = !has_ignored_ && text_.find('\\') == std::string_view::npos;
    return is_checked || is_json();
  }

  [[nodiscard]] bool is_json() { return document_->load(text_).reason.empty(); }

  std::string_view text_;
  std::unique_ptr<json::Document, json::RecycleDocument> document_;
  bool has_ignored_ = false;
};

constexpr std::uint64_t max_seconds = last_second.time_since_epoch().count();

bool read_text(ondemand::value value, std::string& text) {
  std::string_view read;
  if (value.get_string().get(read) != simdjson::SUCCESS) return false;
  text = read;
  return true;
}

bool read_roles(ondemand::value value, std::vector<std::string>& roles) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  for (const ondemand::value element : array) {
    if (roles.size() == TokenKeys::max_roles) return false;
    if (!read_text(element, roles.emplace_back())) return false;
  }
  return true;
}

double round_down(double seconds) noexcept {
  return std::floor(seconds);
}

double round_up(double seconds) noexcept {
  return std::ceil(seconds);
}

/// A NumericDate: seconds since 1970, perhaps with a fraction, which `round` takes away.
bool read_time(ondemand::value value, double (*round)(double), sys_seconds& time) {
  std::uint64_t seconds = 0;
  if (value.get_uint64().get(seconds) != simdjson::SUCCESS) {
    double fractional = 0;  // exact: it has 53 bits, of which the year 9999 needs 38
    if (value.get_double().get(fractional) != simdjson::SUCCESS) return false;
    fractional = round(fractional);
    if (fractional < 0 || fractional > max_seconds) return false;
    seconds = static_cast<std::uint64_t>(fractional);
  }
  if (seconds > max_seconds) return false;
  time = sys_seconds(std::chrono::seconds(seconds));
  return true;
}

}  // namespace

std::optional<TokenFault> fault_of_header(std::string_view header) {
  constexpr ObjectFaults faults{TokenFault::malformed_header, TokenFault::malformed_header,
                                TokenFault::malformed_header};
  bool has_algorithm = false;
  Object object(header);
  const auto visit = [&](std::string_view name, ondemand::value value) -> std::optional<TokenFault> {
    std::string text;
    if (name == "alg") {
      if (!read_text(value, text) || text != "HS256") return TokenFault::wrong_algorithm;
      has_algorithm = true;
    } else if (name == "typ") {
      if (!read_text(value, text) || !text::equals_ignoring_case(text, "JWT")) return TokenFault::wrong_type;
    } else if (name == "crit") {
      return TokenFault::critical_extension;
    } else {
      object.note_ignored();
    }
    return std::nullopt;
  };
  if (const auto fault = object.visit_members(faults, visit)) return fault;
  if (!has_algorithm) return TokenFault::wrong_algorithm;
  return std::nullopt;
}

std::variant<Claims, TokenFault> read_claims(std::string_view payload) {
  constexpr ObjectFaults faults{TokenFault::malformed_claims, TokenFault::too_many_claims,
                                TokenFault::duplicate_claim};
  std::variant<Claims, TokenFault> result;
  auto& claims = std::get<Claims>(result);
  bool has_expiry = false;
  Object object(payload);
  const auto read = [&](std::string_view name, ondemand::value value) {
    if (name == "sub") return read_text(value, claims.subject);
    if (name == "roles") return read_roles(value, claims.roles);
    if (name == "jti") return read_text(value, claims.id);
    if (name == "family") return read_text(value, claims.family);
    if (name == "nbf") return read_time(value, round_up, claims.not_before.emplace());
    if (name == "iat") return read_time(value, round_up, claims.issued.emplace());
    if (name == "exp") {
      has_expiry = true;
      return read_time(value, round_down, claims.expires);
    }
    object.note_ignored();
    return true;
  };
  const auto visit = [&](std::string_view name, ondemand::value value) -> std::optional<TokenFault> {
    if (!read(name, value)) return TokenFault::wrong_claim_type;
    return std::nullopt;
  };
  if (const auto fault = object.visit_members(faults, visit)) return *fault;
  if (!has_expiry) return TokenFault::no_expiry;
  return result;
}

void write_claims(const Claims& claims, ByteBuffer& out) {
  JsonWriter json(out);
  json.begin_object();
  const auto text = [&json](const char* name, const std::string& value) {
    if (!value.empty()) json.member(name, value);
  };
  const auto time = [&json](const char* name, sys_seconds value) {
    json.member(name, std::int64_t{value.time_since_epoch().count()});
  };
  text("sub", claims.subject);
  if (!claims.roles.empty()) {
    json.key("roles").begin_array();
    for (const std::string& role : claims.roles) json.value(role);
    json.end_array();
  }
  text("jti", claims.id);
  text("family", claims.family);
  if (claims.issued) time("iat", *claims.issued);
  if (claims.not_before) time("nbf", *claims.not_before);
  time("exp", claims.expires);
  json.end_object();
}

}  // namespace chopin::auth
