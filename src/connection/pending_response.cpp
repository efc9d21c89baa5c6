#include "connection/pending_response.hpp"

#include <exception>
#include <utility>

#include "chopin/responder.hpp"
#include "routing/log_request.hpp"

namespace chopin::connection {

using routing::log_request;

void PendingResponse::send() noexcept {
  if (tasks_->belongs_to_this_thread()) return complete();
  try {
    tasks_->post([self = shared_from_this()] { self->complete(); });
  } catch (const std::exception&) {
    log_request(request(), LogLevel::error, "a response was lost: out of memory");
  }
}

void PendingResponse::abandon() noexcept {
  if (tasks_->belongs_to_this_thread() && in_handler_) {
    was_dropped_ = true;
    return;
  }
  is_abandoned_ = true;
  try {
    response_.error(500, "internal error");
  } catch (const std::exception&) {
    response_.reset();
    response_.status(500);
  }
  send();
}

/// A handler that throws usually drops its Responder too. So what a dropped Responder means is decided only
/// after the handler has ended.
void PendingResponse::run(const LaterHandler& handler) noexcept {
  in_handler_ = true;
  try {
    handler(Responder(shared_from_this()));
    in_handler_ = false;
    if (was_dropped_) abandon();
  } catch (...) {
    in_handler_ = false;
    Response nobodys;  // used if another thread may still have the Responder
    routing::RouteTable::respond_to_exception(request(), was_dropped_ ? response_ : nobodys);
    if (was_dropped_) complete();
  }
}

void PendingResponse::complete() noexcept {
  if (std::exchange(is_complete_, true)) return;
  if (is_abandoned_ && !client_is_gone_) {
    log_request(request(), LogLevel::error, "the handler sent no response", {{"status", 500}});
  }
  on_client_gone_ = {};
  routing::RouteTable::finish(endpoint_, request(), response_);
  if (target_ != nullptr) target_->on_response();
}

void PendingResponse::tell_client_gone() noexcept {
  client_is_gone_ = true;
  const auto call = std::exchange(on_client_gone_, {});
  if (!call) return;
  loop_.note_application_code();
  try {
    call();
  } catch (const std::exception& error) {
    log_request(request(), LogLevel::error, "on_client_gone threw", {{"error", error.what()}});
  } catch (...) {
    log_request(request(), LogLevel::error, "on_client_gone threw",
                {{"error", "something that is not a std::exception"}});
  }
}

void PendingResponse::detach() noexcept {
  target_ = nullptr;
  if (!is_complete_) tell_client_gone();
}

}  // namespace chopin::connection
