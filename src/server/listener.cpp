#include "server/listener.hpp"

#include <utility>

#include <boost/asio/error.hpp>
#include <boost/system/errc.hpp>

#include "log/log.hpp"

namespace chopin::server {
namespace {

bool is_shortage(const error_code& ec) noexcept {
  namespace errc = boost::system::errc;
  return ec == errc::too_many_files_open || ec == errc::too_many_files_open_in_system ||
         ec == errc::no_buffer_space || ec == errc::not_enough_memory;
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
  while (!ec) {
    Socket socket = acceptor_.accept(io_context_, ec);
    if (!ec) hand_over(std::move(socket));
  }
  acceptor_.close(ec);
}

void Listener::on_accept(const error_code& ec, Socket socket) {
  if (ec == boost::asio::error::operation_aborted) return;
  if (is_shortage(ec)) {
    paused_ = true;
    if (!std::exchange(in_shortage_, true)) log::warn("accepting pauses: {}", ec.message());
    return;
  }
  if (std::exchange(in_shortage_, false)) log::info("accepting goes on");
  // Any other error is about a connection that is already gone.
  if (!ec) hand_over(std::move(socket));
  if (acceptor_.is_open()) accept();
}

void Listener::hand_over(Socket socket) {
  error_code ec;
  socket.non_blocking(true, ec);
  if (!ec) on_connection_(std::move(socket));
}

}  // namespace chopin::server
