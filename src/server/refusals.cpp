#include "server/refusals.hpp"

#include <array>
#include <ctime>
#include <utility>

#include "chopin/response.hpp"
#include "http/http_date.hpp"
#include "http/rejection.hpp"
#include "http/response_writer.hpp"
#include "system/sockets.hpp"

namespace chopin::server {
namespace {

/// Without a Date: it need not have one (RFC 9110 section 6.6.1).
std::string response_text() {
  Response response;
  response.error(503, "the server has no room for another connection; try again");
  response.field("Retry-After", http::retry_after);
  const http::HttpDate date(0);
  const http::ResponseWriter writer{
      .response = response, .date = date, .persistence = http::Persistence::close};
  std::string text(writer.most_bytes(), ' ');
  text.resize(static_cast<std::size_t>(writer.write(text.data()) - text.data()));
  const std::size_t line = text.find("Date: ");
  return text.erase(line, text.find("\r\n", line) + 2 - line);
}

/// More than a client sends before it reads a response, as a rule.
void close_quietly(const system::Descriptor socket) noexcept {
  std::array<char, 16384> space;  // NOLINT(*-member-init): it is only written to
  static_cast<void>(system::receive_now(socket.get(), space));
}

}  // namespace

Refusals::Refusals() : response_(response_text()) {
  open_.reserve(most_open);
}

void Refusals::refuse(system::Descriptor socket) noexcept {
  static_cast<void>(system::send_now(socket.get(), response_));
  static_cast<void>(system::shutdown_send(socket.get()));
  if (open_.size() == most_open) return close_quietly(std::move(socket));
  open_.push_back(std::move(socket));
}

void Refusals::on_tick() noexcept {
  for (std::size_t i = 0; i < old_; ++i) close_quietly(std::move(open_[i]));
  open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(old_));
  old_ = open_.size();
}

}  // namespace chopin::server
