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
  const bool has_been_written = response.status() != 200 || !response.content_type().empty() ||
                                !response.field_lines().empty() || !response.body().empty();
  if (has_been_written) std::swap(response_, response);
  table_ = &rest.table;
  found_ = rest.found;
  passed_ = rest.passed;
  target_ = nullptr;
  client_is_gone_ = is_cancelled_ = false;
  is_coroutine_ = was_dropped_ = is_abandoned_ = is_over_ = is_broken_ = is_complete_ = false;
  streams_ = nullptr;
  if (found_.endpoint != nullptr && found_.endpoint->is_exchange()) {
    streams_ = std::make_unique<ExchangeStreams>(*this, loop_, request_.take_body());
  }
}

// ---- The handler. ----

void PendingResponse::run() noexcept {
  const auto* const later = handler<LaterHandler>();
  const bool calls_it_at_once = !table_->has_layers_after(found_, passed_) && handler_for_large() == nullptr;
  if (later != nullptr && calls_it_at_once) return run_later(*later);
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
      if (const auto* const large = self->handler_for_large()) {
        co_await (*large)(self->request(), self->response_);
      } else if (const auto* const coroutine = self->handler<CoroutineHandler>()) {
        co_await (*coroutine)(self->request(), self->response_);
      } else if (const auto* const exchanging = self->handler<ExchangeHandler>()) {
        Exchange exchange(*self->streams_);
        co_await (*exchanging)(exchange);
      } else if (const auto* const later = self->handler<LaterHandler>()) {
        has_responder = true;
        self->is_coroutine_ = false;
        self->run_later(*later);
      } else {
        self->table_->run_handler(self->found_, self->request(), self->response_);
      }
    }
  } catch (...) {
    self->on_exception();
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

void PendingResponse::on_exception() noexcept {
  if (is_cancelled_) {  // nobody gets the response, but layers see it, and the log says its status
    response_.reset();
    response_.status(503);
    return;
  }
  if (streams_ == nullptr || !streams_->has_begun()) {
    return RouteTable::respond_to_exception(request(), response_);
  }
  if (request().method() == Method::head) return;  // thrown by `write`
  is_broken_ = true;
  Response nobodys;
  RouteTable::respond_to_exception(request(), nobodys);  // logs it
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
  if (streams_ == nullptr || !streams_->has_begun()) pass_back();
  notify();
}

// ---- Its end without one. ----

void PendingResponse::expire(Response& response) noexcept {
  is_over_ = true;
  target_ = nullptr;
  if (streams_ != nullptr) streams_->detach();
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
  boost::asio::cancellation_signal& cancellation = is_coroutine_ ? cancellation_ : handlers_cancellation_;
  if (!cancellation.slot().has_handler()) return;
  is_cancelled_ = true;
  loop_.note_application_code();  // an operation of Asio's ends in its io_context
  cancellation.emit(boost::asio::cancellation_type::terminal);
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
  if (streams_ != nullptr) streams_->detach();
  if (is_complete_) return;
  tell_client_gone();
  cancel();
}

}  // namespace chopin::connection
