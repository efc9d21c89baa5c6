#include "server/listening_sockets.hpp"

#include <string>
#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/core.h>

#include "log/log.hpp"
#include "system/sockets.hpp"
#include "text/characters.hpp"

namespace chopin::server {
namespace {

namespace ip = boost::asio::ip;
using Acceptor = ip::tcp::acceptor;

Acceptor open(boost::asio::io_context& io_context, const ip::tcp::endpoint& endpoint, const Config& config,
              bool shared_from_the_start) {
  Acceptor acceptor(io_context, endpoint.protocol());
  system::require_listening_options(acceptor.native_handle(), endpoint.address().is_v6());
  if (shared_from_the_start) system::require_shared_port(acceptor.native_handle());
  acceptor.bind(endpoint);
  acceptor.listen(config.backlog);
  acceptor.non_blocking(true);
  if (!shared_from_the_start && config.mode == Mode::performance) {
    system::require_shared_port(acceptor.native_handle());
  }
  return acceptor;
}

void notice_clamped_backlog(int fd, std::uint32_t backlog) {
  const std::uint32_t effective = system::effective_backlog(fd);
  if (effective == 0 || effective >= backlog) return;
  log::warn("the kernel queues {} connections, not the backlog of {}: sysctl -w net.core.somaxconn={}",
            effective, backlog, backlog);
}

std::string describe(const ip::tcp::endpoint& endpoint, std::string reason) {
  if (!reason.empty()) reason.front() = text::to_lower(reason.front());
  return fmt::format("cannot listen on {}: {}", to_string(endpoint), reason);
}

}  // namespace

std::string to_string(const ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  if (endpoint.address().is_v6()) return fmt::format("[{}]:{}", address, endpoint.port());
  return fmt::format("{}:{}", address, endpoint.port());
}

ListeningSockets open_listening_sockets(const Config& config, std::size_t count) {
  boost::system::error_code ec;
  const ip::address address = ip::make_address(config.host == "localhost" ? "127.0.0.1" : config.host, ec);
  if (ec) throw ListenError(fmt::format("cannot listen on '{}': not an IP address", config.host));
  ip::tcp::endpoint endpoint(address, config.port);
  try {
    boost::asio::io_context io_context;
    std::vector<system::Descriptor> sockets;
    sockets.reserve(count);
    while (sockets.size() < count) {
      const bool shared_from_the_start = config.share_port || !sockets.empty();
      Acceptor acceptor = open(io_context, endpoint, config, shared_from_the_start);
      endpoint = acceptor.local_endpoint();  // the kernel has chosen the port if it was 0
      sockets.emplace_back(acceptor.release());
    }
    notice_clamped_backlog(sockets.front().get(), config.backlog);
    return {.endpoint = endpoint, .sockets = std::move(sockets)};
  } catch (const boost::system::system_error& error) {
    throw ListenError(describe(endpoint, error.code().message()));
  } catch (const std::system_error& error) {
    throw ListenError(describe(endpoint, error.what()));
  }
}

}  // namespace chopin::server
