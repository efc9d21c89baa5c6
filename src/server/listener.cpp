#include "server/listener.hpp"

#include <chrono>
#include <utility>

#include <boost/system/errc.hpp>

#include "log/log.hpp"

namespace chopin::server {
namespace {

/// Connections accepted after the stop signal: more than any backlog, so that a peer who keeps connecting
/// cannot keep the server from stopping.
constexpr int most_at_the_end = 65536;

/// Errors of accept(2) that concern the one connection, which is gone; the next may be well. Every other is
/// taken for a shortage: trying again at once could go on for ever.
bool is_about_one_connection(const error_code& ec) noexcept {
  namespace errc = boost::system::errc;
  return ec == errc::connection_aborted || ec == errc::protocol_error || ec == errc::interrupted ||
         ec == errc::network_down || ec == errc::network_unreachable || ec == errc::host_unreachable;
}

}  // namespace

Listener::Listener(Acceptor acceptor, boost::asio::io_context& io_context,
                   std::function<void(Socket)> on_connection)
    : acceptor_(std::move(acceptor)), io_context_(io_context), on_connection_(std::move(on_connection)) {}

void Listener::accept() {
  acceptor_.async_accept(io_context_, completion<&Listener::on_accept>(*this, operation_memory_));
}

void Listener::resume() {
  if (!std::exchange(paused_, false) || !acceptor_.is_open()) return;
  accept();
}

void Listener::close() {
  error_code ec;
  acceptor_.non_blocking(true, ec);
  for (int i = 0; i < most_at_the_end && !ec; ++i) {
    Socket socket = acceptor_.accept(io_context_, ec);
    if (!ec) hand_over(std::move(socket));
  }
  acceptor_.close(ec);
}

void Listener::on_accept(const error_code& ec, Socket socket) {
  if (!acceptor_.is_open()) return;
  if (ec && !is_about_one_connection(ec)) return pause(ec);
  accept();  // before the session is made, which can fail for want of memory
  if (!ec) hand_over(std::move(socket));
}

void Listener::pause(const error_code& ec) {
  paused_ = true;
  constexpr std::chrono::seconds between_warnings{10};
  const auto now = std::chrono::steady_clock::now();
  if (now < next_warning_) return;
  next_warning_ = now + between_warnings;
  log::warn("accepting pauses: {}", ec.message());
}

void Listener::hand_over(Socket socket) {
  error_code ec;
  socket.non_blocking(true, ec);
  if (!ec) on_connection_(std::move(socket));
}

}  // namespace chopin::server
