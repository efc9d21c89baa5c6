#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"
#include "http/request_copy.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// Who waits for a pending answer.
class ResponseTarget {
 public:
  /// The answer can be given now.
  virtual void on_response() noexcept = 0;

 protected:
  ~ResponseTarget() = default;
};

/// What a Responder and a connection share: the request, the answer in the making, and whether each is still
/// there. Belongs to the worker's thread but for the response, which is the Responder's until it sends.
class PendingResponse : public std::enable_shared_from_this<PendingResponse> {
 public:
  /// `response`: what the middleware has put into it so far.
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
  /// From any thread: the response is complete.
  void send() noexcept;
  /// From any thread: no response will come.
  void abandon() noexcept;

  // For the connection.

  /// Calls the handler, once.
  void run(const LaterHandler& handler) noexcept;
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }
  /// From now on `target` waits.
  void attach(ResponseTarget& target) noexcept { target_ = &target; }
  /// The client has closed, or its sending side at least.
  void tell_client_gone() noexcept;
  /// Nobody waits any more.
  void detach() noexcept;

 private:
  void complete() noexcept;

  http::RequestCopy request_;
  Response response_;
  const routing::Endpoint& endpoint_;
  loop::EventLoop& loop_;                   // may be gone when the client is
  std::shared_ptr<loop::TaskQueue> tasks_;  // outlives it
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
