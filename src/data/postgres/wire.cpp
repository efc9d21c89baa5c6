#include "data/postgres/wire.hpp"

#include <algorithm>
#include <cerrno>
#include <libpq-fe.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <utility>

#include <climits>

#include "system/direct_calls.hpp"

namespace chopin::data::postgres {
namespace {

bool is_for_later(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

Wire::Moved moved(ssize_t result) noexcept {
  if (result > 0) return {.size = static_cast<std::size_t>(result)};
  return {.would_block = result < 0 && is_for_later(errno)};
}

Wire::Moved moved(ssl_st* tls, int result) noexcept {
  if (result > 0) return {.size = static_cast<std::size_t>(result)};
  const int why = SSL_get_error(tls, result);
  return {.would_block = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE};
}

int within_int(std::size_t size) noexcept {
  return static_cast<int>(std::min(size, static_cast<std::size_t>(INT_MAX)));
}

}  // namespace

void EndConnection::operator()(pg_conn* connection) const noexcept {
  PQfinish(connection);
}

Wire::Wire(Handle handle) noexcept
    : handle_(std::move(handle)),
      fd_(PQsocket(handle_.get())),
      tls_(static_cast<ssl_st*>(PQsslStruct(handle_.get(), "OpenSSL"))) {
  // The bytes that a send has not taken are moved in our buffer, and more may follow them.
  if (tls_ != nullptr)
    SSL_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

Wire::Moved Wire::receive(std::span<char> space) noexcept {
  if (tls_ == nullptr) return moved(system::call_recv(fd_, space.data(), space.size()));
  ERR_clear_error();  // SSL_get_error looks at the thread's queue
  return moved(tls_, SSL_read(tls_, space.data(), within_int(space.size())));
}

Wire::Moved Wire::send(std::string_view bytes) noexcept {
  if (tls_ == nullptr) return moved(system::call_send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  ERR_clear_error();
  return moved(tls_, SSL_write(tls_, bytes.data(), within_int(bytes.size())));
}

}  // namespace chopin::data::postgres
