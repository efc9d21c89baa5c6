#include "chopin/config.hpp"

#include <stdexcept>

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "auth/secret.hpp"
#include "data/database_url.hpp"
#include "http/trusted_proxies.hpp"

namespace chopin {
namespace {

std::string fault_of_host(const std::string& host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  if (!ec || host == "localhost") return {};
  return fmt::format("host: '{}' is not accepted; give an IPv4 or IPv6 literal, or localhost", host);
}

std::string fault_of(std::string_view member, std::uint64_t value, const Range<std::uint64_t>& range) {
  if (range.contains(value)) return {};
  return fmt::format("{}: {} is not accepted; give {}..{}", member, value, range.least, range.most);
}

/// For the members whose 0 means that the server decides.
std::string fault_unless_zero(std::string_view member, std::uint64_t value,
                              const Range<std::uint64_t>& range) {
  if (value == 0 || range.contains(value)) return {};
  return fault_of(member, value, range) + ", or 0";
}

std::string fault_of(std::string_view member, std::chrono::milliseconds value) {
  if (ranges::timeout.contains(value)) return {};
  return fmt::format("{}: {} ms is not accepted; give {}..{} ms", member, value.count(),
                     ranges::timeout.least.count(), ranges::timeout.most.count());
}

std::string fault_unless_zero(std::string_view member, std::chrono::milliseconds value) {
  const std::string fault = value.count() == 0 ? std::string() : fault_of(member, value);
  return fault.empty() ? fault : fault + ", or 0";
}

std::string fault_of_secret(std::string_view member, std::string_view secret) {
  if (secret.empty()) return {};
  const std::string_view fault = auth::fault_of_secret(secret);
  return fault.empty() ? std::string() : fmt::format("{}: {}", member, fault);
}

std::string fault_of_token_expiry(std::chrono::milliseconds value) {
  if (ranges::token_expiry.contains(value)) return {};
  return fmt::format("auth.token_expiry: {} ms is not accepted; give {}..{} ms", value.count(),
                     ranges::token_expiry.least.count(), ranges::token_expiry.most.count());
}

std::string fault_of_database_url(const std::string& url) {
  try {
    data::parse_database_url(url);
    return {};
  } catch (const std::invalid_argument& error) {
    return std::string("database.url: ") + error.what();
  }
}

std::string fault_unless_below(std::string_view member, std::chrono::milliseconds value,
                               std::string_view limit, std::chrono::milliseconds most) {
  if (value < most) return {};
  return fmt::format("{}: {} ms must be below {}: {} ms", member, value.count(), limit, most.count());
}

std::string fault_of_order(const DatabaseConfig& database, std::chrono::milliseconds handler) {
  if (database.has_default_timeouts()) return {};
  std::string fault = fault_unless_below("database.acquire_timeout", database.acquire_timeout,
                                         "database.statement_timeout", database.statement_timeout);
  if (!fault.empty()) return fault;
  return fault_unless_below("database.statement_timeout", database.statement_timeout, "timeouts.handler",
                            handler);
}

}  // namespace

std::string Config::fault() const {
  const std::string faults[] = {
      fault_of_host(host),
      fault_of("port", port, ranges::port),
      fault_unless_zero("workers", workers, ranges::workers),
      fault_of("backlog", backlog, ranges::backlog),
      fault_unless_zero("max_connections", max_connections, ranges::max_connections),
      fault_unless_zero("max_memory", max_memory, ranges::max_memory),
      fault_unless_zero("limit_per_address", limit_per_address, ranges::limit_per_address),
      fault_unless_zero("requests_per_address", requests_per_address, ranges::requests_per_address),
      fault_unless_zero("send_buffer", send_buffer, ranges::send_buffer),
      fault_of("limits.max_head", limits.max_head, ranges::max_head),
      fault_of("limits.max_fields", limits.max_fields, ranges::max_fields),
      fault_of("limits.max_body", limits.max_body, ranges::max_body),
      fault_of("limits.min_rate", limits.min_rate, ranges::min_rate),
      fault_unless_zero("limits.max_requests", limits.max_requests, ranges::max_requests),
      fault_of("timeouts.header", timeouts.header),
      fault_of("timeouts.body", timeouts.body),
      fault_of("timeouts.idle", timeouts.idle),
      fault_of("timeouts.write", timeouts.write),
      fault_of("timeouts.handler", timeouts.handler),
      fault_unless_zero("timeouts.connection_age", timeouts.connection_age),
      fault_of("timeouts.drain", timeouts.drain),
      fault_of_database_url(database.url),
      fault_unless_zero("database.connections", database.connections, ranges::database_connections),
      fault_of("database.pipeline", database.pipeline, ranges::database_pipeline),
      fault_of("database.acquire_timeout", database.acquire_timeout),
      fault_of("database.statement_timeout", database.statement_timeout),
      fault_of_order(database, timeouts.handler),
      fault_of_secret("auth.secret", auth.secret),
      fault_of_secret("auth.previous_secret", auth.previous_secret),
      fault_of_token_expiry(auth.token_expiry),
  };
  for (const std::string& fault : faults) {
    if (!fault.empty()) return fault;
  }
  for (const std::string& range : trusted_proxies) {
    if (const std::string fault = http::fault_of_address_range(range); !fault.empty()) {
      return "trusted_proxies: " + fault;
    }
  }
  if (mode == Mode::standard && fast_routes == ResponseClass::prebuilt) {
    return "fast_routes: prebuilt contradicts mode: standard mode composes every response";
  }
  return {};
}

}  // namespace chopin
