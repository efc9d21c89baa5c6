#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connection/buffers.hpp"
#include "connection/close_reason.hpp"
#include "connection/pending_response.hpp"
#include "connection/session_context.hpp"
#include "http/prebuilt_response.hpp"
#include "http/rejection.hpp"
#include "http/request_parser.hpp"

namespace chopin::connection {

/// The HTTP half of a connection: takes one request after the other from the input and appends its answer to
/// the worker's output. Knows no socket.
class Protocol {
 public:
  enum class Step : std::uint8_t {
    answered,        ///< enough for one write; there may be another request in the input
    needs_input,     ///< the next request is not complete
    awaits_handler,  ///< a handler answers later; `serve` goes on when it has
    last,            ///< the last answer of this connection is given
  };

  /// `context` and `target` outlive this; `target` hears of answers that come later.
  Protocol(SessionContext& context, ResponseTarget& target) noexcept : context_(context), target_(target) {}
  ~Protocol();
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;

  /// Received and not yet used up.
  [[nodiscard]] InputBuffer& input() noexcept { return input_; }

  /// Answers the requests in the input, until the output is large enough for one write.
  Step serve();
  /// Refuses the request that has begun, and ends the connection for this reason.
  Step reject(http::Rejection rejection, CloseReason reason = CloseReason::rejected) {
    return reject(rejection, wants_head_only(), reason);
  }
  /// Refuses the request that has begun, for nothing will follow.
  Step reject_truncated();

  [[nodiscard]] bool is_between_requests() const noexcept {
    return upload_ == nullptr && pending_ == nullptr && input_.empty();
  }
  [[nodiscard]] bool awaits_body() const noexcept { return upload_ != nullptr; }
  /// While a body is awaited: whether more of it has been used up since this was asked last.
  bool take_body_progress() noexcept { return std::exchange(upload_->has_progressed, false); }
  [[nodiscard]] bool awaits_handler() const noexcept {
    return pending_ != nullptr && !pending_->is_complete();
  }
  /// For the handler that answers later, if one does.
  void tell_client_gone() noexcept;
  [[nodiscard]] bool has_given_last() const noexcept { return last_given_; }
  /// Why the connection ends, once the last answer is given.
  [[nodiscard]] CloseReason reason() const noexcept { return reason_; }

  /// Whether a request has been answered since this was asked last.
  bool take_answered() noexcept { return std::exchange(answered_, false); }

 private:
  // What is rare is kept out of line, so that the hot path has a small frame.

  /// How an answer goes out.
  struct Delivery {
    http::Persistence persistence;
    bool head_only;
  };

  /// A request whose body has not come to its end.
  struct Upload {
    http::RequestParser parser;
    std::string head;  ///< its bytes: the input moves when it is read into
    std::string body;
    bool body_is_wanted;
    bool has_progressed = true;
  };

  [[gnu::noinline]] Step reject(http::Rejection rejection, bool head_only, CloseReason reason);
  [[nodiscard]] bool wants_head_only() const noexcept;
  bool skip_empty_lines();
  [[nodiscard]] bool can_end_head(std::string_view bytes) const noexcept;
  Step serve_next();
  [[gnu::noinline]] Step parse_next(std::string_view bytes);
  void take_head(std::uint32_t size) noexcept;
  Step repeat_answer(const HeadMemo::Known& known);
  Step answer_first_seen(std::string_view bytes, const http::RequestHead& head);
  [[gnu::noinline]] void remember(std::string_view bytes, const http::RequestHead& head,
                                  const routing::FastResponse* fast);
  [[gnu::noinline]] Step finish_open_request();
  [[gnu::noinline]] Step begin_body(http::RequestParser& request, std::string_view head);
  Step continue_body();
  [[nodiscard]] bool wants_body(const http::RequestHead& head);
  const http::RequestHead& keep(const http::RequestHead& head);
  /// On a connection that stays open.
  static Delivery persisting(const http::RequestHead& head) noexcept;
  Delivery deliver(const http::RequestHead& head);
  [[nodiscard]] const routing::FastResponse* find_fast(const http::RequestHead& head) const noexcept;
  Step answer(const http::RequestHead& head, const routing::FastResponse* fast, std::string_view body);
  [[gnu::noinline]] Step route(const http::RequestHead& head, std::string_view body, Delivery delivery);
  [[gnu::noinline]] Step answer_known_route(const routing::RouteTable::Found& found,
                                            const http::RequestHead& head);
  Step answer_routed(const routing::RouteTable::Found& found, std::string_view path,
                     const http::RequestHead& head, std::string_view body, Delivery delivery);
  Step answer_later(const routing::Endpoint& endpoint, const Request& request, Delivery delivery);
  Step give_pending();
  Step give(const routing::FastResponse& fast, const http::RequestHead& head, Delivery delivery);
  [[gnu::noinline]] void respond_to_exception(const http::RequestHead& head);
  /// Flat, so that registers are saved once for all of an answer.
  [[gnu::noinline, gnu::flatten]] Step compose(const FastRoute& route, const http::RequestHead& head,
                                               Delivery delivery);
  Step give(const Response& response, Delivery delivery);
  Step note_given(Delivery delivery);

  SessionContext& context_;
  ResponseTarget& target_;
  InputBuffer input_;
  std::unique_ptr<Upload> upload_;
  std::shared_ptr<PendingResponse> pending_;
  std::uint32_t examined_ = 0;  // bytes of an incomplete head that were parsed in vain
  std::uint32_t empty_lines_ = 0;
  Delivery pending_delivery_{};
  CloseReason reason_ = CloseReason::peer_closed;
  bool answered_ = false;
  bool last_given_ = false;
};

}  // namespace chopin::connection
