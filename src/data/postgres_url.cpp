#include "data/postgres_url.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <libpq-fe.h>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "text/characters.hpp"
#include "text/number.hpp"
#include "text/percent.hpp"

namespace chopin::data {
namespace {

[[noreturn]] void refuse_url(const std::string& what) {
  throw std::invalid_argument(what);
}

/// libpq's own list, with the values of a URL.
class LibpqOptions {
 public:
  /// Throws std::bad_alloc. If libpq does not take the URL, there are no options; its message is dropped,
  /// because it quotes the URL.
  explicit LibpqOptions(const std::string& url) : options_(nullptr, PQconninfoFree) {
    char* message = nullptr;
    options_.reset(PQconninfoParse(url.c_str(), &message));
    if (!options_ && message == nullptr) throw std::bad_alloc();
    PQfreemem(message);
  }

  [[nodiscard]] bool are_taken() const noexcept { return options_ != nullptr; }
  [[nodiscard]] bool has(std::string_view keyword) const { return find(keyword) != nullptr; }
  /// Empty if it is not given.
  [[nodiscard]] std::string_view operator[](std::string_view keyword) const {
    const PQconninfoOption* const option = find(keyword);
    return option == nullptr || option->val == nullptr ? std::string_view() : option->val;
  }
  /// Whether one that libpq never displays is given.
  [[nodiscard]] bool have_password() const {
    for (const PQconninfoOption* option = options_.get(); option->keyword != nullptr; ++option) {
      if (option->dispchar == std::string_view("*") && option->val != nullptr && *option->val != '\0')
        return true;
    }
    return false;
  }

 private:
  [[nodiscard]] const PQconninfoOption* find(std::string_view keyword) const {
    for (const PQconninfoOption* option = options_.get(); option->keyword != nullptr; ++option) {
      if (option->keyword == keyword) return option;
    }
    return nullptr;
  }

  std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options_;
};

constexpr std::string_view schemes[] = {"postgres://", "postgresql://"};

std::string_view without_scheme(std::string_view url) {
  return url.substr(url.find("://") + 3);
}

/// Takes what comes before the first of the delimiters, and leaves that at the start.
std::string_view take_until(std::string_view& text, std::string_view delimiters) {
  const std::string_view taken = text.substr(0, text.find_first_of(delimiters));
  text.remove_prefix(taken.size());
  return taken;
}

bool take(std::string_view& text, char delimiter) {
  if (!text.starts_with(delimiter)) return false;
  text.remove_prefix(1);
  return true;
}

std::string decoded(std::string_view text, std::string_view part) {
  std::string bytes;
  while (!text.empty()) {
    const bool is_encoded = text.front() == '%';
    const auto byte = is_encoded ? text::decode_percent(text) : text.front();
    if (!byte || *byte == '\0') {
      refuse_url(
          fmt::format("in {} % must be followed by two hexadecimal digits, not 00: % itself is %25", part));
    }
    bytes.push_back(*byte);
    text.remove_prefix(is_encoded ? 3 : 1);
  }
  return bytes;
}

/// A password with one of these would end early, and its rest be taken, and shown, for a host or a database.
void refuse_reserved_characters(std::string_view rest) {
  constexpr std::string_view reserved =
      "in the user, the password, the database and the parameters reserved characters are percent-encoded: "
      "%40 for an at sign, %2F for /, %3F for ?, %23 for #, %20 for a space";
  const std::size_t at = rest.find('@');
  if (rest.find_first_of(" #") != std::string_view::npos) refuse_url(std::string(reserved));
  if (at == std::string_view::npos) return;
  const bool is_authority_over = rest.find_first_of("/?") < at;
  if (is_authority_over || rest.find('@', at + 1) != std::string_view::npos)
    refuse_url(std::string(reserved));
}

void check_user(std::string_view& rest) {
  const std::size_t at = rest.find('@');
  if (at == std::string_view::npos) return;
  const std::string_view user_and_password = rest.substr(0, at);
  const std::size_t colon = user_and_password.find(':');
  decoded(user_and_password.substr(0, colon), "the user");
  if (colon != std::string_view::npos) decoded(user_and_password.substr(colon + 1), "the password");
  rest.remove_prefix(at + 1);
}

void check_hosts(std::string_view& rest) {
  do {
    if (take(rest, '[')) {
      const std::string_view address = take_until(rest, "]");
      if (address.empty() || !take(rest, ']')) refuse_url("an IPv6 address is written [::1], in brackets");
      if (!rest.empty() && std::string_view(":/?,").find(rest.front()) == std::string_view::npos) {
        refuse_url("after the ] of an IPv6 address only a port, / or ? may follow");
      }
    } else {
      decoded(take_until(rest, ":/?,"), "the host");
    }
    if (take(rest, ':')) decoded(take_until(rest, "/?,"), "the port");
  } while (take(rest, ','));
}

void check_parameters(std::string_view rest, const LibpqOptions& known) {
  do {
    std::string_view parameter = take_until(rest, "&");
    const std::string keyword = decoded(take_until(parameter, "="), "the name of a parameter");
    if (!take(parameter, '=') || parameter.find('=') != std::string_view::npos) {
      refuse_url("after ? parameters are written name=value&name=value, = in a value is %3D");
    }
    const std::string value = decoded(parameter, "the value of a parameter");
    const bool is_of_jdbc = keyword == "ssl" && value == "true";  // libpq takes it for sslmode=require
    if (known.has(keyword) || is_of_jdbc) continue;
    const bool is_plain = keyword.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
    refuse_url(is_plain && !keyword.empty() ? fmt::format("libpq has no parameter {}", keyword)
                                            : "libpq has no parameter of such a name");
  } while (take(rest, '&'));
}

std::vector<std::string_view> elements(std::string_view list) {
  std::vector<std::string_view> found;
  do found.push_back(take_until(list, ","));
  while (take(list, ','));
  return found;
}

void check_ports(const LibpqOptions& given) {
  const std::string_view hosts = given["hostaddr"].empty() ? given["host"] : given["hostaddr"];
  const std::size_t host_count = elements(hosts).size();
  if (!given["hostaddr"].empty() && !given["host"].empty() && elements(given["host"]).size() != host_count) {
    refuse_url("host and hostaddr have different numbers of elements");
  }
  const std::vector<std::string_view> ports = elements(given["port"]);
  for (const std::string_view port : ports) {
    const auto number = text::to_number(port);
    if (!port.empty() && (!number || *number < 1 || *number > 65535)) {
      refuse_url(
          "a port is a number in 1..65535; a / in the user or the password must be written %2F, a : in "
          "the user %3A");
    }
  }
  if (ports.size() > 1 && ports.size() != host_count) {
    refuse_url(fmt::format("there are {} ports for {} hosts", ports.size(), host_count));
  }
}

/// A parameter that has a few values, or else a whole number.
struct Choices {
  std::string_view keyword;
  std::initializer_list<std::string_view> values;
};

/// libpq judges these when it connects.
const Choices all_choices[] = {
    {"sslmode", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
    {"channel_binding", {"disable", "prefer", "require"}},
    {"gssencmode", {"disable", "prefer", "require"}},
    {"target_session_attrs", {"any", "read-write", "read-only", "primary", "standby", "prefer-standby"}},
    {"keepalives", {}},
    {"keepalives_idle", {}},
    {"keepalives_interval", {}},
    {"keepalives_count", {}},
    {"tcp_user_timeout", {}},
};

/// 0 would be no timeout.
void check_connect_timeout(std::string_view value) {
  constexpr std::uint64_t most = 3600;
  const auto seconds = text::to_number(value);
  if (value.empty() || (seconds && *seconds >= 1 && *seconds <= most)) return;
  refuse_url(fmt::format("connect_timeout is a number of seconds in 1..{}", most));
}

void check_choices(const LibpqOptions& given) {
  constexpr std::uint64_t most = 2147483647;
  check_connect_timeout(given["connect_timeout"]);
  for (const Choices& choices : all_choices) {
    const std::string_view value = given[choices.keyword];
    if (value.empty()) continue;
    if (choices.values.size() == 0) {
      if (text::to_number(value).value_or(most + 1) > most) {
        refuse_url(fmt::format("{} is a whole number", choices.keyword));
      }
    } else if (std::ranges::find(choices.values, value) == choices.values.end()) {
      std::string list;
      for (const std::string_view choice : choices.values)
        list.append(list.empty() ? "" : ", ").append(choice);
      refuse_url(fmt::format("{} is one of {}", choices.keyword, list));
    }
  }
}

/// Percent-encodes what would not be part of a name in a URL.
std::string encoded(std::string_view text, std::string_view also_plain = {}) {
  std::string url;
  for (const char c : text) {
    constexpr std::string_view unreserved = "-._~";
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          unreserved.find(c) != std::string_view::npos ||
                          also_plain.find(c) != std::string_view::npos;
    url += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

/// "postgres://user@host:5433,other/name", "postgres:///name?host=/run/postgresql".
std::string shown_as(const LibpqOptions& given) {
  const std::string_view list = given["host"].empty() ? given["hostaddr"] : given["host"];
  const std::vector<std::string_view> hosts = elements(list);
  const std::vector<std::string_view> ports = elements(given["port"]);
  const bool are_sockets = std::ranges::any_of(hosts, [](auto host) { return host.starts_with('/'); });
  std::string url = "postgres://";
  if (!given["user"].empty()) url += encoded(given["user"]) + '@';
  for (std::size_t i = 0; i < std::max(hosts.size(), ports.size()); ++i) {
    if (i > 0) url += ',';
    const std::string_view host = are_sockets || i >= hosts.size() ? std::string_view() : hosts[i];
    const bool is_ipv6 = host.find(':') != std::string_view::npos;
    url += is_ipv6 ? fmt::format("[{}]", encoded(host, ":")) : encoded(host);
    const std::size_t its_port = ports.size() == 1 ? 0 : i;
    const std::string_view port = its_port < ports.size() ? ports[its_port] : "";
    if (!port.empty()) url.append(":").append(port);
  }
  if (!given["dbname"].empty() || are_sockets) url += '/' + encoded(given["dbname"]);
  if (are_sockets) url += "?host=" + encoded(list, "/,@");
  return url;
}

}  // namespace

bool is_postgres_url(std::string_view url) noexcept {
  return std::ranges::any_of(schemes, [url](std::string_view scheme) { return url.starts_with(scheme); });
}

DatabaseUrl parse_postgres_url(std::string_view url) {
  std::string_view rest = without_scheme(url);
  refuse_reserved_characters(rest);
  check_user(rest);
  check_hosts(rest);
  if (take(rest, '/')) decoded(take_until(rest, "?"), "the database");
  if (take(rest, '?') && !rest.empty()) check_parameters(rest, LibpqOptions(std::string(schemes[0])));
  std::string target(url);
  const LibpqOptions given(target);
  if (!given.are_taken()) refuse_url("libpq does not take this URL");
  check_ports(given);
  check_choices(given);
  return {DatabaseUrl::Kind::postgres, std::move(target), shown_as(given), given.have_password()};
}

}  // namespace chopin::data
