#include "chopin/responder.hpp"

#include <stdexcept>
#include <utility>

#include "connection/pending_response.hpp"

namespace chopin {

Responder::Responder(std::shared_ptr<connection::PendingResponse> pending) noexcept
    : pending_(std::move(pending)) {}
Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
  std::swap(pending_, other.pending_);
  return *this;
}

Responder::~Responder() {
  if (pending_ != nullptr) pending_->abandon();
}

connection::PendingResponse& Responder::pending() const {
  if (pending_ == nullptr) throw std::logic_error("Responder: used after `send`, or moved from");
  return *pending_;
}

const Request& Responder::request() const {
  return pending().request();
}

Response& Responder::response() {
  return pending().response();
}

void Responder::send() {
  connection::PendingResponse& sent = pending();
  const auto until_sent = std::move(pending_);
  sent.send();
}

bool Responder::client_is_gone() const {
  return pending().client_is_gone();
}

void Responder::on_client_gone(std::function<void()> call) {
  pending().on_client_gone(std::move(call));
}

Executor Responder::executor() const {
  return pending().executor();
}

boost::asio::io_context& Responder::io_context() const {
  return pending().io_context();
}

}  // namespace chopin
