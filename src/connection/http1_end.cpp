// The part of Http1 that ends turns, and connections which may not go on.
#include <algorithm>

#include "connection/http1.hpp"

namespace chopin::connection {

/// The size of the output at which to look again. 0 if it is large enough, or the turn is over.
std::size_t Http1::next_look() noexcept {
  const std::size_t size = context_.burst.output.bytes().size();
  if (size >= Limits::max_pending_output || context_.worker.loop.turns().is_turn_over()) return 0;
  return std::min(size + output_before_look, Limits::max_pending_output);
}

/// While turns are measured, a handler's may be over after each response.
Http1::Step Http1::write_in_turn(Response& response, Delivery delivery) {
  const Step step = write(response, delivery);
  return step == Step::responded && context_.worker.loop.turns().is_turn_over() ? Step::turn_over : step;
}

bool Http1::take_from_rate() noexcept {
  AddressRate* const rate = context_.shared.requests_of_addresses.get();
  return rate == nullptr || rate->take(target_.peer());
}

bool Http1::is_last() noexcept {
  const bool was_last = ++requests_ == context_.limits.max_requests;  // 0 comes after all others
  const bool was_too_fast = !take_from_rate();
  if (must_end()) return true;
  if (was_last || was_too_fast) reason_ = was_last ? CloseReason::request_limit : CloseReason::address_limit;
  return was_last || was_too_fast;
}

/// Whether the next response must be the last, however many there were, for the `reason_` that it sets.
bool Http1::must_end() noexcept {
  WorkerServices& worker = context_.worker;
  if (worker.draining) {
    reason_ = CloseReason::drained;
  } else if (target_.is_over_age()) {
    reason_ = CloseReason::age_limit;
  } else if (worker.memory.stage() > MemoryStage::plenty) {
    reason_ = CloseReason::memory;
  } else if (worker.ends_with_next_response) {
    reason_ = CloseReason::evicted;
    worker.end_with_next_response(false);
  } else {
    return false;
  }
  return true;
}

/// A function of its own, so that the usual one saves no registers around `is_last`.
Http1::Step Http1::respond_on_route_if_last(const routing::RouteTable::Found& found,
                                            const http::RequestHead& head) {
  context_.burst.params.clear();
  return call_handler(found, head.path, head, {}, delivery_of(head));
}

}  // namespace chopin::connection
