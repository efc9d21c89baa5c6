#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"
#include "http/request_copy.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// The connection, as seen from its HTTP half: is told when a pending response is complete.
class ResponseTarget {
 public:
  /// The response is complete.
  virtual void on_response() noexcept = 0;
  /// The client's address, "127.0.0.1:40112"; empty if it is not known.
  [[nodiscard]] virtual std::string peer() const { return {}; }

 protected:
  ~ResponseTarget() = default;
};

/// The state that a Responder and a connection share.
///
/// Thread safety: the worker's thread, except for the response, which only the Responder's holder uses until
/// `send`, and for the functions that say so.
/// Lifetime: shared by both. May outlive the worker, whose loop must not be used then.
/// Throws: the constructor, `on_client_gone` and `io_context`.
class PendingResponse : public std::enable_shared_from_this<PendingResponse> {
 public:
  /// `response` holds what the middleware has put into it so far.
  PendingResponse(const Request& request, Response response, const routing::Endpoint& endpoint,
                  loop::EventLoop& loop, loop::IoContextGuest& io_context)
      : request_(request),
        response_(std::move(response)),
        endpoint_(endpoint),
        loop_(loop),
        tasks_(loop.tasks()),
        io_context_(io_context) {}

  // For the Responder.

  [[nodiscard]] const Request& request() const noexcept { return request_.request(); }
  [[nodiscard]] Response& response() noexcept { return response_; }
  [[nodiscard]] bool client_is_gone() const noexcept { return client_is_gone_; }
  void on_client_gone(std::function<void()> call) { on_client_gone_ = std::move(call); }
  [[nodiscard]] Executor executor() const noexcept { return Executor(loop_); }
  /// On the worker's thread. Throws std::system_error, std::bad_alloc.
  [[nodiscard]] boost::asio::io_context& io_context() const { return io_context_.lend(); }
  /// From any thread. The response is complete.
  void send() noexcept;
  /// From any thread. The Responder was dropped without a response: sends a 500.
  void abandon() noexcept;

  // For the connection.

  /// Calls the handler, once.
  void run(const LaterHandler& handler) noexcept;
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }
  /// From now on `target` is told when the response is complete.
  void attach(ResponseTarget& target) noexcept { target_ = &target; }
  /// The client has closed the connection, or at least its sending side.
  void tell_client_gone() noexcept;
  /// The connection is gone.
  void detach() noexcept;

 private:
  void complete() noexcept;

  http::RequestCopy request_;
  Response response_;
  const routing::Endpoint& endpoint_;
  loop::EventLoop& loop_;                   // may be gone once the connection is
  std::shared_ptr<loop::TaskQueue> tasks_;  // outlives loop_
  loop::IoContextGuest& io_context_;
  ResponseTarget* target_ = nullptr;
  std::function<void()> on_client_gone_;
  std::atomic<bool> client_is_gone_ = false;
  bool in_handler_ = false;
  bool was_dropped_ = false;  // by the handler, while it ran
  bool is_abandoned_ = false;
  bool is_complete_ = false;
};

}  // namespace chopin::connection
