#include "connection/refusals.hpp"

#include <array>
#include <utility>

#include "system/sockets.hpp"

namespace chopin::connection {
namespace {

/// More than a client sends before it reads a response, as a rule.
void close_quietly(const system::Descriptor socket) noexcept {
  std::array<char, 16384> space;  // NOLINT(*-member-init): it is only written to
  static_cast<void>(system::receive_now(socket.get(), space));
}

}  // namespace

void Refusals::refuse(system::Descriptor socket, std::string_view response) noexcept {
  static_cast<void>(system::send_now(socket.get(), response));
  static_cast<void>(system::shutdown_send(socket.get()));
  if (open_.size() == most_open) return close_quietly(std::move(socket));
  open_.push_back(std::move(socket));
}

void Refusals::on_tick() noexcept {
  for (std::size_t i = 0; i < old_; ++i) close_quietly(std::move(open_[i]));
  open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(old_));
  old_ = open_.size();
}

}  // namespace chopin::connection
