#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "chopin/request.hpp"
#include "chopin/response.hpp"
#include "connection/mailbox.hpp"
#include "http/request_copy.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// Who waits for a pending answer.
class ResponseTarget {
 public:
  /// The answer can be given now.
  virtual void on_response() = 0;

 protected:
  ~ResponseTarget() = default;
};

/// What a Responder and a connection share: the request, the answer in the making, and whether each is still
/// there. Belongs to the worker's thread but for the response, which is the Responder's until it sends.
class PendingResponse : public std::enable_shared_from_this<PendingResponse> {
 public:
  /// `response`: what the middleware has put into it so far.
  PendingResponse(const Request& request, Response response, const routing::Endpoint& endpoint,
                  std::shared_ptr<Mailbox> mailbox, boost::asio::io_context& io_context)
      : request_(request),
        response_(std::move(response)),
        endpoint_(endpoint),
        mailbox_(std::move(mailbox)),
        io_context_(io_context) {}

  // For the Responder.

  [[nodiscard]] const Request& request() const noexcept { return request_.request(); }
  [[nodiscard]] Response& response() noexcept { return response_; }
  [[nodiscard]] bool client_is_gone() const noexcept { return client_is_gone_; }
  void on_client_gone(std::function<void()> call) { on_client_gone_ = std::move(call); }
  [[nodiscard]] boost::asio::io_context& io_context() const noexcept { return io_context_; }
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
  std::shared_ptr<Mailbox> mailbox_;
  boost::asio::io_context& io_context_;
  ResponseTarget* target_ = nullptr;
  std::function<void()> on_client_gone_;
  std::atomic<bool> client_is_gone_ = false;
  bool in_handler_ = false;
  bool was_dropped_ = false;  // by the handler, while it ran
  bool is_abandoned_ = false;
  bool is_complete_ = false;
};

}  // namespace chopin::connection
