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

/// `passed`: how many layers have run.
Http1::Step Http1::await_handler(const routing::RouteTable::Found& found, std::size_t passed,
                                 const Request& request, Delivery delivery) {
  auto& spare = context_.worker.spare_pending;
  if (spare.empty()) {
    pending_ =
        std::make_shared<PendingResponse>(context_.worker.loop, context_.worker.counters.late_responses);
  } else {
    pending_ = std::move(spare.back());
    spare.pop_back();
  }
  pending_->begin({context_.shared.routes, found, passed}, request, context_.burst.response);
  if (pending_->streams() != nullptr && refuses_bodies()) {
    pending_.reset();
    return reject(http::Rejection::memory_short, delivery.head_only, CloseReason::rejected,
                  request.field("Origin"));
  }
  pending_persistence_ = delivery.persistence;
  pending_head_only_ = delivery.head_only;
  writing_ = Writing::with_handler;
  if (pending_->streams() != nullptr && reader_.has_parts()) pending_->streams()->read_from(reader_);
  pending_->run();
  pending_->attach(target_);
  return serve_open_request();
}

/// The connection may have got a reason to end in the meantime.
Http1::Delivery Http1::pending_delivery() noexcept {
  if (context_.worker.may_end_connections && pending_persistence_ != Persistence::close && must_end()) {
    pending_persistence_ = Persistence::close;
  }
  return {.persistence = pending_persistence_, .head_only = pending_head_only_};
}

Http1::Step Http1::write_pending() {
  auto pending = std::exchange(pending_, nullptr);
  writing_ = Writing::idle;
  const Step step = write(pending->response(), pending_delivery());
  auto& spare = context_.worker.spare_pending;
  if (pending->can_begin_again() && spare.size() < WorkerServices::most_spare_pending) {
    pending->rest();
    spare.push_back(std::move(pending));
  }
  return step;
}

Http1::Step Http1::expire_handler() {
  const auto pending = std::exchange(pending_, nullptr);
  writing_ = Writing::idle;
  ++context_.worker.counters.handler_timeouts;
  Response& response = context_.burst.response;
  response.reset();
  const bool is_unread = reader_.has_parts();  // which it is no more once they are given up
  pending->expire(response);
  Delivery delivery = pending_delivery();
  if (is_unread) close_after(CloseReason::body_unread, delivery);
  return write(response, delivery);
}

void Http1::tell_client_gone() noexcept {
  if (awaits_handler()) pending_->tell_client_gone();
}

}  // namespace chopin::connection
