#pragma once

#include <functional>
#include <memory>

#include "chopin/executor.hpp"
#include "chopin/request.hpp"
#include "chopin/response.hpp"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): it is Asio's
}

namespace chopin {

namespace connection {
class PendingResponse;
}

/// The answer a handler still owes. It keeps request and response until `send`; one that goes without having
/// sent answers 500.
///
///     router.later(Method::get, "/slow", [](Responder responder) { queue.push(std::move(responder)); });
///
/// May move to another thread, and send there: the answer then finds its way through the worker's mailbox.
/// Requests behind it on the connection wait, so answers leave in order.
class Responder {
 public:
  explicit Responder(std::shared_ptr<connection::PendingResponse> pending) noexcept;
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  ~Responder();

  [[nodiscard]] const Request& request() const noexcept;
  [[nodiscard]] Response& response() noexcept;
  /// Sends the response; the last call on this object. After it, or moved from, it can only go.
  void send();

  /// Whether the client has closed its connection, or at least its sending side. An answer may still be sent;
  /// where the connection is gone it is dropped. From any thread.
  [[nodiscard]] bool client_is_gone() const noexcept;
  /// `call` is called once on the worker's thread when the client goes before the answer. To be set within
  /// the handler.
  void on_client_gone(std::function<void()> call);

  /// Runs functions and coroutines on the worker that serves the connection. From any thread.
  [[nodiscard]] Executor executor() const noexcept;
  /// The context of the worker that serves the connection, for timers and the like. It has one thread and no
  /// locks: to be used on that thread alone.
  [[nodiscard]] boost::asio::io_context& io_context() const;

 private:
  std::shared_ptr<connection::PendingResponse> pending_;
};

}  // namespace chopin
