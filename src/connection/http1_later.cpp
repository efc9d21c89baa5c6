// The part of Http1 that waits for handlers that respond later.
#include <memory>
#include <utility>
#include <variant>

#include "connection/http1.hpp"

namespace chopin::connection {

using http::Persistence;

Http1::~Http1() {
  if (pending_ != nullptr) pending_->detach();
}

Http1::Step Http1::await_handler(const routing::Endpoint& endpoint, const Request& request,
                                 Delivery delivery) {
  pending_ = std::make_shared<PendingResponse>(request, std::move(context_.burst.response), endpoint,
                                               context_.worker.loop, context_.worker.io_context);
  pending_delivery_ = delivery;
  writing_ = Writing::with_handler;
  pending_->run(*std::get<const LaterHandler*>(endpoint.handler));
  if (pending_->is_complete()) return write_pending();
  pending_->attach(target_);
  return Step::awaits_handler;
}

Http1::Step Http1::write_pending() {
  if (context_.worker.draining && pending_delivery_.persistence != Persistence::close) {
    pending_delivery_.persistence = Persistence::close;
    reason_ = CloseReason::drained;
  }
  const auto pending = std::exchange(pending_, nullptr);
  writing_ = Writing::idle;
  return write(pending->response(), pending_delivery_);
}

void Http1::tell_client_gone() noexcept {
  if (awaits_handler()) pending_->tell_client_gone();
}

}  // namespace chopin::connection
