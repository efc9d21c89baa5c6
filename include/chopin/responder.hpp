#pragma once

#include <exception>
#include <functional>
#include <memory>

#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"

namespace chopin {

namespace connection {
class PendingResponse;
}

/// Lets a handler respond later: holds the request and the response until `send`. If it is destroyed before,
/// the client gets a 500.
///
///     router.get("/slow", [](Responder responder) { queue.push(std::move(responder)); });
///
/// Called on another thread, `send` hands the response to the worker as a task. Later requests on the
/// connection wait, so responses leave in order.
///
/// Thread safety: one thread at a time, which may be any.
/// Lifetime: may outlive the connection and the Server; the response is then dropped. `io_context` may not.
/// Throws: std::logic_error from every function once the response is sent, and if moved from;
///         std::bad_alloc and std::system_error from `io_context`.
class Responder {
 public:
  explicit Responder(std::shared_ptr<connection::PendingResponse> pending) noexcept;
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  ~Responder();

  [[nodiscard]] const Request& request() const;
  [[nodiscard]] Response& response();
  /// Sends the response; the last call on this object. Afterwards, like a moved-from one, it can only be
  /// destroyed or assigned to, and asked whether it `is_sent`.
  void send();
  /// Sends what a handler that throws this exception would: the last call, as `send`. Not null.
  void fail(std::exception_ptr error);
  /// Whether there is nothing left to send: after `send`, and if moved from.
  [[nodiscard]] bool is_sent() const noexcept { return pending_ == nullptr; }

  /// Whether the client has closed its connection, or at least its sending side. The response may still be
  /// sent; it is dropped if the connection no longer exists. From any thread.
  [[nodiscard]] bool client_is_gone() const;
  /// `call` is called once on the worker's thread if the client leaves before the response. Set it within the
  /// handler.
  void on_client_gone(std::function<void()> call);

  /// Runs functions and coroutines on the worker that serves the connection. From any thread.
  [[nodiscard]] Executor executor() const;
  /// The io_context of the connection's worker, for timers and the like. It has one thread and no locks: use
  /// it on that thread only.
  [[nodiscard]] boost::asio::io_context& io_context() const;

 private:
  friend class RouteHandler;

  [[nodiscard]] connection::PendingResponse& pending() const;

  std::shared_ptr<connection::PendingResponse> pending_;
};

}  // namespace chopin
