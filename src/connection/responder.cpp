#include "chopin/responder.hpp"

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

const Request& Responder::request() const noexcept {
  return pending_->request();
}

Response& Responder::response() noexcept {
  return pending_->response();
}

void Responder::send() {
  std::exchange(pending_, nullptr)->send();
}

bool Responder::client_is_gone() const noexcept {
  return pending_->client_is_gone();
}

void Responder::on_client_gone(std::function<void()> call) {
  pending_->on_client_gone(std::move(call));
}

Executor Responder::executor() const noexcept {
  return pending_->executor();
}

boost::asio::io_context& Responder::io_context() const {
  return pending_->io_context();
}

}  // namespace chopin
