#include "server/listener.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <utility>

#include "log/log.hpp"

namespace chopin::server {
namespace {

/// Connections accepted before those that are open have their turn.
constexpr int batch_size = 64;

/// Connections accepted after the stop signal: more than any backlog, so that a peer who keeps connecting
/// cannot keep the server from stopping.
constexpr int most_at_the_end = 65536;

/// Beside errno values, which are positive: no slot is free.
constexpr int at_limit = -1;

/// Errors of accept(2) that concern the one connection, which is gone; the next may be well. Every other is
/// taken for a shortage: trying again at once could go on for ever.
bool is_about_one_connection(int error) noexcept {
  return error == ECONNABORTED || error == EPROTO || error == ENETDOWN || error == ENETUNREACH ||
         error == EHOSTUNREACH;
}

bool is_empty_queue(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

Listener::Listener(Acceptor acceptor, ConnectionLimit& limit, std::function<void(Connection)> on_connection)
    : acceptor_(std::move(acceptor)), limit_(limit), on_connection_(std::move(on_connection)) {
  acceptor_.non_blocking(true);
}

void Listener::wait() {
  acceptor_.async_wait(Acceptor::wait_read, completion<&Listener::on_readable>(*this, operation_memory_));
}

void Listener::resume() {
  if (std::exchange(paused_, false) && acceptor_.is_open()) wait();
}

void Listener::close() {
  if (!acceptor_.is_open()) return;
  accept_batch(most_at_the_end);
  error_code ec;
  acceptor_.close(ec);
}

void Listener::on_readable(const error_code& ec) {
  if (ec || !acceptor_.is_open()) return;
  const int error = accept_batch(batch_size);
  if (error == 0 || is_empty_queue(error)) return wait();
  pause(error);
}

int Listener::accept_batch(int most) {
  for (int i = 0; i < most; ++i) {
    ConnectionSlot slot = limit_.take();
    if (!slot.is_taken()) return at_limit;
    Accepted accepted = accept_now(acceptor_.native_handle());
    if (accepted.error == 0) {
      try {
        on_connection_({.slot = std::move(slot), .socket = std::move(accepted.socket)});
      } catch (const std::exception&) {
        return ENOMEM;
      }
    } else if (!is_about_one_connection(accepted.error)) {
      return accepted.error;
    }
  }
  return 0;
}

void Listener::pause(int error) {
  paused_ = true;
  constexpr std::chrono::seconds between_warnings{10};
  const auto now = std::chrono::steady_clock::now();
  if (now < next_warning_) return;
  next_warning_ = now + between_warnings;
  if (error == at_limit) {
    log::warn("accepting pauses: {} connections are open, as many as may be", limit_.most());
  } else {
    log::warn("accepting pauses: {}", boost::system::system_category().message(error));
  }
}

}  // namespace chopin::server
