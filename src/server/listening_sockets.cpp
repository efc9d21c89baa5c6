#include "server/listening_sockets.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/core.h>

#include "system/sockets.hpp"
#include "text/characters.hpp"

namespace chopin::server {
namespace {

namespace ip = boost::asio::ip;
using TcpAcceptor = ip::tcp::acceptor;

/// Throws the error that Asio throws.
system::Descriptor open_socket(const ip::tcp::endpoint& endpoint) try {
  return system::open_tcp_socket(endpoint.address().is_v6());
} catch (const std::system_error& error) {
  throw boost::system::system_error(error.code().value(), boost::system::system_category());
}

system::SendBounds send_bounds_of(const Config& config) {
  return {.buffer = config.send_buffer,
          .patience = std::max<std::chrono::milliseconds>(config.timeouts.write, system::KeepAlive::in_all)};
}

TcpAcceptor open(boost::asio::io_context& io_context, const ip::tcp::endpoint& endpoint, const Config& config,
                 bool shared_from_the_start) {
  TcpAcceptor acceptor(io_context);
  system::Descriptor socket = open_socket(endpoint);
  acceptor.assign(endpoint.protocol(), socket.get());
  socket.release();
  system::require_listening_options(acceptor.native_handle(), endpoint.address().is_v6());
  system::require_send_bounds(acceptor.native_handle(), send_bounds_of(config));
  if (shared_from_the_start) system::require_shared_port(acceptor.native_handle());
  acceptor.bind(endpoint);
  acceptor.listen(config.backlog);
  acceptor.non_blocking(true);
  if (!shared_from_the_start && config.mode == Mode::performance) {
    system::require_shared_port(acceptor.native_handle());
  }
  return acceptor;
}

void notice_clamped_backlog(int fd, std::uint32_t backlog, const Log& log) {
  const std::uint32_t effective = system::effective_backlog(fd);
  if (effective == 0 || effective >= backlog) return;
  const LogLevel level = backlog == Config{}.backlog ? LogLevel::info : LogLevel::warn;  // has anybody asked?
  const std::array<LogField, 2> fields{{{"backlog", backlog}, {"queued", effective}}};
  log.write(level, fmt::format("the kernel cuts the backlog: sysctl -w net.core.somaxconn={}", backlog),
            fields);
}

void notice_clamped_send_buffer(int fd, std::uint32_t wanted, const Log& log) {
  const int effective = system::read_socket_options(fd).send_buffer / 2;
  if (wanted == 0 || effective < 0 || static_cast<std::uint32_t>(effective) >= wanted) return;
  log.warn(fmt::format("the kernel cuts the send buffer: sysctl -w net.core.wmem_max={}", wanted),
           {{"send_buffer", wanted}, {"effective", effective}});
}

std::string describe(const ip::tcp::endpoint& endpoint, std::string reason) {
  if (!reason.empty()) reason.front() = text::to_lower(reason.front());
  return fmt::format("cannot listen on {}: {}", to_string(endpoint), reason);
}

std::size_t count_on(const ip::tcp::endpoint& address, const std::vector<system::Descriptor>& sockets) {
  return static_cast<std::size_t>(std::ranges::count_if(
      sockets, [&](const system::Descriptor& socket) { return address_of(socket.get()) == address; }));
}

/// Opens what is missing on one address. If its port is 0, the kernel chooses one, which `address` then has.
void open_on(ip::tcp::endpoint& address, const Config& config, std::size_t count,
             std::vector<system::Descriptor>& sockets) {
  boost::asio::io_context io_context;
  std::size_t missing = count - std::min(count, count_on(address, sockets));
  for (bool is_first = true; missing > 0; --missing, is_first = false) {
    TcpAcceptor acceptor = open(io_context, address, config, config.share_port || !is_first);
    address = acceptor.local_endpoint();
    sockets.emplace_back(acceptor.release());
  }
}

/// Whether the kernel has no IPv6, or it is switched off.
bool lacks_address(const boost::system::error_code& error) {
  return error == boost::asio::error::address_family_not_supported || error.value() == EADDRNOTAVAIL;
}

/// False if only the second of two addresses has the port in use, and this is not the last attempt.
bool open_on_all_addresses(const Config& config, std::size_t count, ListeningSockets& opened, bool is_last,
                           const Log& log) {
  std::vector<ip::tcp::endpoint> addresses = addresses_of(config);
  for (ip::tcp::endpoint& address : addresses) {
    const bool is_first = &address == &addresses.front();
    if (!is_first) address.port(opened.endpoint.port());
    try {
      open_on(address, config, count, opened.sockets);
    } catch (const boost::system::system_error& error) {
      if (!is_first && lacks_address(error.code())) {
        log.info("not listening on an address",
                 {{"address", to_string(address)}, {"reason", error.code().message()}});
        continue;
      }
      if (!is_first && !is_last && error.code() == boost::asio::error::address_in_use) return false;
      throw ListenError(describe(address, error.code().message()));
    } catch (const std::system_error& error) {
      throw ListenError(describe(address, error.what()));
    }
    if (is_first) opened.endpoint = address;
  }
  return true;
}

}  // namespace

ip::tcp::endpoint address_of(int fd) noexcept {
  ip::tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (getsockname(fd, endpoint.data(), &size) != 0) return {};
  const auto family = endpoint.data()->sa_family;  // of a local socket the address may also be cut off
  return family == AF_INET || family == AF_INET6 ? endpoint : ip::tcp::endpoint();
}

std::string to_string(const ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  if (endpoint.address().is_v6()) return fmt::format("[{}]:{}", address, endpoint.port());
  return fmt::format("{}:{}", address, endpoint.port());
}

std::vector<ip::tcp::endpoint> addresses_of(const Config& config) {
  if (config.host == "localhost") {
    return {{ip::address_v4::loopback(), config.port}, {ip::address_v6::loopback(), config.port}};
  }
  boost::system::error_code ec;
  const ip::address address = ip::make_address(config.host, ec);
  if (ec) throw ListenError(fmt::format("cannot listen on '{}': not an IP address", config.host));
  return {{address, config.port}};
}

/// Listening again changes the length of the queue, and keeps what is in it. A send buffer that the other
/// server has set stays if this one sets none.
void take_settings(int fd, const Config& config) noexcept try {
  static_cast<void>(listen(fd, config.backlog));
  system::require_send_bounds(fd, send_bounds_of(config));
} catch (const std::exception&) {
  return;  // they stay as they are
}

ListeningSockets open_listening_sockets(const Config& config, std::size_t count,
                                        std::vector<system::Descriptor> taken_over, const Log& log) {
  ListeningSockets opened{.endpoint = {}, .sockets = std::move(taken_over)};
  for (const system::Descriptor& socket : opened.sockets) take_settings(socket.get(), config);
  // With port 0 the one that the kernel chooses on the first address may be taken on the second.
  for (int attempts_left = config.port == 0 ? 8 : 1; attempts_left > 0; --attempts_left) {
    if (open_on_all_addresses(config, count, opened, attempts_left == 1, log)) break;
    opened.sockets.clear();
  }
  notice_clamped_backlog(opened.sockets.front().get(), config.backlog, log);
  notice_clamped_send_buffer(opened.sockets.front().get(), config.send_buffer, log);
  return opened;
}

}  // namespace chopin::server
