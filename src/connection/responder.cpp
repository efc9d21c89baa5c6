#include "chopin/responder.hpp"

#include <stdexcept>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "chopin/handler.hpp"
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

void Responder::fail(std::exception_ptr error) {
  connection::PendingResponse& failed = pending();
  const auto until_sent = std::move(pending_);
  failed.fail(std::move(error));
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
  return executor().io_context();
}

LaterHandler RouteHandler::on_io_context(AsioHandler handler) {
  if (!handler) return {};
  return [handler = std::move(handler)](Responder responder) {
    boost::asio::io_context& context = responder.io_context();
    auto coroutine = handler(responder.request(), responder.response());
    const boost::asio::cancellation_slot slot = responder.pending().handlers_slot();
    auto respond = [responder = std::move(responder)](std::exception_ptr error) mutable {
      if (error == nullptr) return responder.send();
      responder.fail(std::move(error));
    };
    boost::asio::co_spawn(context, std::move(coroutine),
                          boost::asio::bind_cancellation_slot(slot, std::move(respond)));
  };
}

}  // namespace chopin
