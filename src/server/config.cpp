#include "chopin/config.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

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
  return fmt::format("timeouts.{}: {} ms is not accepted; give {}..{} ms", member, value.count(),
                     ranges::timeout.least.count(), ranges::timeout.most.count());
}

}  // namespace

std::string Config::fault() const {
  const std::string faults[] = {
      fault_of_host(host),
      fault_of("port", port, ranges::port),
      fault_unless_zero("workers", workers, ranges::workers),
      fault_of("backlog", backlog, ranges::backlog),
      fault_unless_zero("max_connections", max_connections, ranges::max_connections),
      fault_of("limits.max_head", limits.max_head, ranges::max_head),
      fault_of("limits.max_fields", limits.max_fields, ranges::max_fields),
      fault_of("limits.max_body", limits.max_body, ranges::max_body),
      fault_of("header", timeouts.header),
      fault_of("body", timeouts.body),
      fault_of("idle", timeouts.idle),
      fault_of("write", timeouts.write),
      fault_of("handler", timeouts.handler),
      fault_of("drain", timeouts.drain),
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
