#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <variant>

#include <boost/asio/cancellation_signal.hpp>

#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"
#include "connection/counters.hpp"
#include "connection/exchange_streams.hpp"
#include "http/request_copy.hpp"
#include "loop/coroutine.hpp"
#include "loop/event_loop.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// The connection, as seen from its HTTP half: is told when a pending response is complete.
class ResponseTarget {
 public:
  explicit ResponseTarget(const Peer& peer = {}) noexcept : peer_(peer) {}

  /// The response is complete.
  virtual void on_response() noexcept = 0;
  /// Whether the connection is older than it may become.
  [[nodiscard]] virtual bool is_over_age() const noexcept { return false; }
  /// The other end of the connection.
  [[nodiscard]] const Peer& peer() const noexcept { return peer_; }

 protected:
  ~ResponseTarget() = default;

 private:
  const Peer peer_;
};

/// A request that layers or a handler have under way: the state that they share with the connection.
///
/// Thread safety: the worker's thread, except for the response, which only the Responder's holder uses until
/// `send`, and for the functions that say so.
/// Lifetime: shared by both. May outlive the worker, whose loop must not be used then.
/// Throws: the constructor, `begin` and `on_client_gone`.
class PendingResponse : public std::enable_shared_from_this<PendingResponse> {
 public:
  /// What is left of RouteTable::dispatch.
  struct Rest {
    const routing::RouteTable& table;
    routing::RouteTable::Found found;
    std::size_t passed = 0;  ///< how many layers have run
  };

  /// `late_responses` counts what is sent when the time is over.
  PendingResponse(loop::EventLoop& loop, Counter& late_responses)
      : loop_(loop), tasks_(loop.tasks()), late_responses_(late_responses) {}

  // For the Responder.

  [[nodiscard]] const Request& request() const noexcept { return request_.request(); }
  [[nodiscard]] Response& response() noexcept { return response_; }
  [[nodiscard]] bool client_is_gone() const noexcept { return client_is_gone_; }
  void on_client_gone(std::function<void()> call) { on_client_gone_ = std::move(call); }
  [[nodiscard]] Executor executor() const noexcept { return Executor(loop_); }
  /// From any thread. The response is complete.
  void send() noexcept;
  /// From any thread. Sends what the exception stands for.
  void fail(std::exception_ptr error) noexcept;
  /// From any thread. The Responder was dropped without a response: sends a 500.
  void abandon() noexcept;

  /// For the coroutine that a LaterHandler starts.
  [[nodiscard]] boost::asio::cancellation_slot handlers_slot() noexcept {
    return handlers_cancellation_.slot();
  }

  // For the ExchangeStreams.

  /// Something waits to be sent.
  void notify() noexcept {
    if (target_ != nullptr) target_->on_response();
  }
  /// Passes the response, but for its body, back through the layers.
  void pass_back() noexcept { table_->finish(found_, passed_, request(), response_); }

  // For the connection.

  /// Takes a request over: copies it, and exchanges `response`, which holds what the layers have put into it,
  /// for an empty one.
  void begin(const Rest& rest, const Request& request, Response& response);
  /// Calls the layers that are left and the handler, once.
  void run() noexcept;
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }
  /// Its memory in bytes, but for what the handler itself allocates.
  [[nodiscard]] std::size_t memory() const noexcept {
    return sizeof *this + request_.memory() + (streams_ == nullptr ? 0 : streams_->memory());
  }
  /// Null if the handler does not read or write in parts.
  [[nodiscard]] ExchangeStreams* streams() noexcept { return streams_.get(); }
  /// Whether the handler has failed amid the response's body.
  [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }
  /// From now on `target` is told when the response is complete.
  void attach(ResponseTarget& target) noexcept { target_ = &target; }
  /// The handler's time is over: puts into `response` what is sent in the place of its own, which is ignored.
  void expire(Response& response) noexcept;
  /// The client has closed the connection, or at least its sending side.
  void tell_client_gone() noexcept;
  /// The connection is gone.
  void detach() noexcept;
  /// Whether `begin` may be called again: nothing refers to this but the caller.
  [[nodiscard]] bool can_begin_again() const noexcept {
    return is_coroutine_ && weak_from_this().use_count() == 1;
  }
  /// Lets go of the last request and response, until `begin` is called again.
  void rest() noexcept {
    request_.rest();
    response_.reset();
  }

 private:
  static loop::Coroutine run_coroutine(std::shared_ptr<PendingResponse> self);
  void run_later(const LaterHandler& handler) noexcept;
  template <class Kind>
  [[nodiscard]] const Kind* handler() const noexcept {
    if (found_.endpoint == nullptr) return nullptr;
    const auto* const handler = std::get_if<const Kind*>(&found_.endpoint->handler);
    return handler == nullptr ? nullptr : *handler;
  }
  [[nodiscard]] const CoroutineHandler* handler_for_large() const noexcept {
    return found_.endpoint == nullptr ? nullptr : found_.endpoint->for_large(request());
  }
  void on_exception() noexcept;
  void complete() noexcept;
  void cancel() noexcept;

  http::RequestCopy request_;
  Response response_;
  const routing::RouteTable* table_ = nullptr;
  routing::RouteTable::Found found_;
  std::size_t passed_ = 0;
  loop::EventLoop& loop_;                   // may be gone once the connection is
  std::shared_ptr<loop::TaskQueue> tasks_;  // outlives loop_
  Counter& late_responses_;                 // lives as long as loop_
  ResponseTarget* target_ = nullptr;
  std::function<void()> on_client_gone_;
  boost::asio::cancellation_signal cancellation_;           // of run_coroutine
  boost::asio::cancellation_signal handlers_cancellation_;  // of what a LaterHandler has started
  std::unique_ptr<ExchangeStreams> streams_;
  std::atomic<bool> client_is_gone_ = false;
  std::atomic<bool> is_cancelled_ = false;
  bool is_coroutine_ = false;
  bool in_handler_ = false;
  bool was_dropped_ = false;  // by the handler, while it ran
  bool is_abandoned_ = false;
  bool is_over_ = false;  // its time
  bool is_broken_ = false;
  bool is_complete_ = false;
};

}  // namespace chopin::connection
