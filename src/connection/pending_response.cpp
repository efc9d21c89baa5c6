#include "connection/pending_response.hpp"

#include <exception>
#include <utility>
#include <variant>

#include "chopin/responder.hpp"
#include "routing/log_request.hpp"

namespace chopin::connection {

using routing::log_request;
using routing::RouteTable;

void PendingResponse::begin(const Rest& rest, const Request& request, Response& response) {
  request_.assign(request);
  response_.reset();
  std::swap(response_, response);
  table_ = &rest.table;
  found_ = rest.found;
  passed_ = rest.passed;
  target_ = nullptr;
  client_is_gone_ = is_cancelled_ = false;
  is_coroutine_ = was_dropped_ = is_abandoned_ = is_over_ = is_complete_ = false;
}

// ---- The handler. ----

void PendingResponse::run() noexcept {
  const LaterHandler* const later = later_handler();
  if (later != nullptr && !table_->has_layers_after(found_, passed_)) return run_later(*later);
  is_coroutine_ = true;
  try {
    loop::start(run_coroutine(shared_from_this()), executor(), cancellation_.slot());
  } catch (...) {  // out of memory before it has begun
    RouteTable::respond_to_exception(request(), response_);
    complete();
  }
}

loop::Coroutine PendingResponse::run_coroutine(std::shared_ptr<PendingResponse> self) {
  bool has_responder = false;
  try {
    const bool calls_handler = !self->table_->has_layers_after(self->found_, self->passed_) ||
                               co_await self->table_->pass_layers(self->found_, self->request_.request(),
                                                                  self->response_, self->passed_);
    if (calls_handler) {
      if (const CoroutineHandler* const handler = self->coroutine_handler()) {
        co_await (*handler)(self->request(), self->response_);
      } else if (const LaterHandler* const later = self->later_handler()) {
        has_responder = true;
        self->is_coroutine_ = false;
        self->run_later(*later);
      } else {
        self->table_->run_handler(self->found_, self->request(), self->response_);
      }
    }
  } catch (...) {
    if (!self->is_cancelled_) RouteTable::respond_to_exception(self->request(), self->response_);
  }
  if (!has_responder) self->complete();
}

/// A handler that throws usually drops its Responder too. So what a dropped Responder means is decided only
/// after the handler has ended.
void PendingResponse::run_later(const LaterHandler& handler) noexcept {
  in_handler_ = true;
  try {
    handler(Responder(shared_from_this()));
    in_handler_ = false;
    if (was_dropped_) abandon();
  } catch (...) {
    in_handler_ = false;
    Response nobodys;  // used if another thread may still have the Responder
    RouteTable::respond_to_exception(request(), was_dropped_ ? response_ : nobodys);
    if (was_dropped_) complete();
  }
}

const CoroutineHandler* PendingResponse::coroutine_handler() const noexcept {
  if (found_.endpoint == nullptr) return nullptr;
  const auto* const handler = std::get_if<const CoroutineHandler*>(&found_.endpoint->handler);
  return handler == nullptr ? nullptr : *handler;
}

const LaterHandler* PendingResponse::later_handler() const noexcept {
  if (found_.endpoint == nullptr) return nullptr;
  const auto* const handler = std::get_if<const LaterHandler*>(&found_.endpoint->handler);
  return handler == nullptr ? nullptr : *handler;
}

// ---- Its response. ----

void PendingResponse::send() noexcept {
  if (tasks_->belongs_to_this_thread()) return complete();
  try {
    tasks_->post([self = shared_from_this()] { self->complete(); });
  } catch (const std::exception&) {
    log_request(request(), LogLevel::error, "a response was lost: out of memory");
  }
}

void PendingResponse::fail(std::exception_ptr error) noexcept {
  try {
    std::rethrow_exception(std::move(error));
  } catch (...) {
    if (!is_cancelled_) RouteTable::respond_to_exception(request(), response_);
  }
  send();
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

void PendingResponse::complete() noexcept {
  if (is_over_ && !is_cancelled_) ++late_responses_;
  if (is_over_ || std::exchange(is_complete_, true)) return;
  if (is_abandoned_ && !client_is_gone_) {
    log_request(request(), LogLevel::error, "the handler sent no response", {{"status", 500}});
  }
  on_client_gone_ = {};
  table_->finish(found_, passed_, request(), response_);
  if (target_ != nullptr) target_->on_response();
}

// ---- Its end without one. ----

void PendingResponse::expire(Response& response) noexcept {
  is_over_ = true;
  target_ = nullptr;
  on_client_gone_ = {};
  try {
    response.error(503, "the handler took too long");
  } catch (const std::exception&) {
    response.reset();
    response.status(503);
  }
  table_->finish(found_, passed_, request(), response);
  log_request(request(), LogLevel::error, "the handler took too long", {{"status", 503}});
  cancel();
}

void PendingResponse::cancel() noexcept {
  if (!cancellation_.slot().has_handler()) return;
  is_cancelled_ = true;
  cancellation_.emit(boost::asio::cancellation_type::terminal);
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
  if (is_complete_) return;
  tell_client_gone();
  cancel();
}

}  // namespace chopin::connection
