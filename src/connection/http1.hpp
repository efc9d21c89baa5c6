#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "connection/close_reason.hpp"
#include "connection/pending_response.hpp"
#include "connection/request_reader.hpp"
#include "connection/request_route.hpp"
#include "connection/session_context.hpp"
#include "http/persistence.hpp"
#include "http/response_writer.hpp"

namespace chopin::connection {

/// The client may send the body (RFC 9110 section 10.1.1).
inline constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

/// HTTP/1.1 on a connection, without its socket: reads requests from the input and appends their responses to
/// the burst's output.
///
///     idle --a handler responds later--> with_handler --it has responded--> idle
///                                          `--it writes in parts--> streaming --it has ended--> idle
///     any state --the last response--> ended
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: its connection's.
/// Throws: std::bad_alloc. What handlers and middleware throw becomes a response.
class Http1 {
 public:
  using Reading = RequestReader::State;
  enum class Writing : std::uint8_t { idle, ended, with_handler, streaming };

  enum class Step : std::uint8_t {
    // More requests may be in the input.
    responded,       ///< the output is large enough for one write
    turn_over,       ///< others should be served first, see loop::FairTurns
    awaits_handler,  ///< a handler responds later; call `serve` again when it has
    // Others.
    responded_with_body,  ///< as `responded`, and the output ends with a shared body
    needs_input,          ///< the next request is not complete
    ended,                ///< the last response of this connection is written
  };

  /// `context` and `target` must outlive this. `target` is told when a later handler has responded.
  Http1(SessionContext& context, ResponseTarget& target) noexcept
      : context_(context), target_(target), reader_(context) {}
  ~Http1();
  Http1(const Http1&) = delete;
  Http1& operator=(const Http1&) = delete;

  /// Received and not yet consumed.
  [[nodiscard]] InputBuffer& input() noexcept { return reader_.input(); }

  /// Responds to the requests in the input, until the output is large enough for one write or the turn is
  /// over.
  Step serve();
  /// Refuses the request that has begun, and ends the connection with `reason`.
  Step reject(http::Rejection rejection, CloseReason reason = CloseReason::rejected) {
    return reject(rejection, reader_.is_head_request(), reason);
  }
  /// Refuses the request that has begun, because no more input will come.
  Step reject_truncated();

  /// What requests and responses under way hold, in bytes.
  [[nodiscard]] std::size_t memory() const noexcept {
    return reader_.memory() + (pending_ == nullptr ? 0 : pending_->memory());
  }

  [[nodiscard]] Reading reading() const noexcept { return reader_.state(); }
  [[nodiscard]] Writing writing() const noexcept { return writing_; }
  /// Neither a request nor a response is in progress.
  [[nodiscard]] bool is_idle() const noexcept {
    return writing_ == Writing::idle && reading() == Reading::between_requests;
  }
  /// A request is with a handler that responds later, or in parts.
  [[nodiscard]] bool is_with_handler() const noexcept { return writing_ >= Writing::with_handler; }
  /// The same, and the handler has not ended yet.
  [[nodiscard]] bool awaits_handler() const noexcept { return is_with_handler() && !pending_->is_complete(); }
  /// The handler waits for more of the request's body.
  [[nodiscard]] bool wants_input() const noexcept {
    return is_with_handler() && pending_->streams() != nullptr && pending_->streams()->wants_input();
  }
  /// For a handler that reads in parts: no more will come, for this reason.
  Step refuse_parts(http::Rejection rejection);
  /// The kernel has taken the output.
  void on_room() noexcept {
    if (writing_ == Writing::streaming) pending_->streams()->on_room();
  }
  /// While a body is awaited: whether more of it has been consumed since the last call.
  bool take_body_progress() noexcept { return reader_.take_body_progress(); }
  /// Before this, so many ticks were spent on waiting for more of a body.
  void note_body_wait(std::uint32_t ticks) noexcept { reader_.note_body_wait(ticks); }
  /// While a body is awaited: whether it comes below the minimum rate.
  [[nodiscard]] bool is_body_too_slow() const noexcept { return reader_.is_body_too_slow(); }
  /// Whether a response has been written since the last call.
  bool take_responded() noexcept { return std::exchange(responded_, false); }
  /// Responds with a 503 in the place of the later handler, whose time is over.
  Step expire_handler();
  /// Tells the later handler that has not responded yet, if there is one.
  void tell_client_gone() noexcept;
  /// Why the connection ends. Valid once `writing` is `ended`.
  [[nodiscard]] CloseReason reason() const noexcept { return reason_; }

 private:
  // Rare paths are not inlined, so that the hot path has a small stack frame.

  /// How many bytes of output are written before the time is looked at: some 20 responses.
  static constexpr std::size_t output_before_look = 4096;

  /// How a response is sent.
  struct Delivery {
    http::Persistence persistence;
    bool head_only;
  };

  Step serve_next();
  [[gnu::noinline]] std::size_t next_look() noexcept;
  Step respond_to_known(const HeadMemo::Known& known);
  Step repeat_response(const HeadMemo::Known& known);
  Step respond_to_new(const http::RequestHead& head);
  Step respond(const http::RequestHead& head, const routing::FastResponse* fast);
  [[gnu::noinline]] void remember(const http::RequestHead& head, const routing::FastResponse* fast);
  [[nodiscard, gnu::always_inline]] const routing::FastResponse* find_fast(
      const http::RequestHead& head) const noexcept {
    return context_.shared.fast_routes.find(head.method, head.path);
  }
  /// Copies a parsed head to where scanned ones are: the parser may be replaced while it is needed.
  const http::RequestHead& keep(const http::RequestHead& head) { return context_.burst.head = head; }
  /// For a connection that stays open.
  static Delivery persisting(const http::RequestHead& head) noexcept;
  Delivery delivery_of(const http::RequestHead& head) noexcept;
  /// The same while no connection has to end.
  Delivery usual_delivery_of(const http::RequestHead& head) noexcept;
  /// Counts a request of the peer's address. False if it was one too many.
  bool take_from_rate() noexcept;
  /// Whether this response must be the connection's last, for the `reason_` that it sets. Counts it.
  [[gnu::noinline]] bool is_last() noexcept;
  [[nodiscard]] bool must_end() noexcept;
  [[nodiscard]] bool refuses_bodies() const noexcept {
    return context_.worker.memory.stage() >= MemoryStage::refuse_bodies;
  }
  [[nodiscard]] bool has_room_for_body(const http::RequestHead& head) const noexcept;

  [[gnu::noinline]] Step serve_with_body(const http::RequestHead& head);
  [[gnu::noinline]] Step serve_with_body(const HeadMemo::Known& known);
  [[gnu::noinline]] Step serve_parsed();
  [[gnu::noinline]] Step serve_open_request();
  Step serve_body(const http::RequestHead& head);
  [[nodiscard]] std::uint64_t most_body(const RequestRoute& route) const noexcept {
    return route.most_body(context_.limits.max_body);
  }
  Step serve_upload();

  Step serve_parts(const RequestRoute& route, const http::RequestHead& head);
  Step serve_exchange();
  void begin_stream();
  Step end_exchange();
  Step end_stream(Delivery delivery);
  void end_unread_parts(Delivery& delivery);
  /// Makes this response the last one.
  void close_after(CloseReason reason, Delivery& delivery) noexcept;

  [[gnu::noinline]] RequestRoute find_route(const http::RequestHead& head);
  void find_route_with_slashes(Method method, RequestRoute& route);
  [[gnu::noinline]] Step respond_otherwise(const http::RequestHead& head, const routing::FastResponse* fast);
  [[gnu::noinline]] Step respond_on_route_if_last(const routing::RouteTable::Found& found,
                                                  const http::RequestHead& head);
  [[gnu::noinline]] Step respond_on_known_route(const routing::RouteTable::Found& found,
                                                const http::RequestHead& head);
  Step dispatch(const RequestRoute& route, const http::RequestHead& head, std::string_view body);
  Step call_handler(const routing::RouteTable::Found& found, std::string_view path,
                    const http::RequestHead& head, std::string_view body, Delivery delivery);
  Step await_handler(const routing::RouteTable::Found& found, std::size_t passed, const Request& request,
                     Delivery delivery);
  Delivery pending_delivery() noexcept;
  Step write_pending();

  Step write(const routing::FastResponse& fast, const http::RequestHead& head, Delivery delivery);
  /// A fast route that is composed or large.
  Step write_route(const routing::FastResponse& fast, const http::RequestHead& head, Delivery delivery);
  [[gnu::noinline]] Step write_large(const routing::FastResponse& fast, Delivery delivery);
  /// Flattened, so that registers are saved only once per response.
  [[gnu::noinline, gnu::flatten]] Step compose(const FastRoute& route, const http::RequestHead& head,
                                               Delivery delivery);
  [[gnu::noinline]] void respond_to_exception(const http::RequestHead& head);
  [[nodiscard]] http::ResponseWriter writer_of(const Response& response, Delivery delivery) const noexcept;
  [[gnu::flatten]] Step write(Response& response, Delivery delivery);
  [[gnu::noinline, gnu::cold]] Step write_in_turn(Response& response, Delivery delivery);
  [[gnu::noinline]] Step write_with_shared_body(Response& response, Delivery delivery);
  Step end_response_with(SharedBody body, Delivery delivery);
  Step end_response(Delivery delivery);
  Step end(CloseReason reason) noexcept;
  [[gnu::noinline]] Step reject(http::Rejection rejection, bool head_only, CloseReason reason);
  /// Refuses a request whose head is consumed.
  [[gnu::noinline]] Step reject(http::Rejection rejection, const http::RequestHead& head);
  Step reject(http::Rejection rejection, bool head_only, CloseReason reason, std::string_view origin);

  SessionContext& context_;
  ResponseTarget& target_;
  RequestReader reader_;
  std::shared_ptr<PendingResponse> pending_;
  std::uint32_t requests_ = 0;  // counted only if one of them may have to be the last
  // Two members, so that what follows lies where a Delivery would end with a gap.
  http::Persistence pending_persistence_{};
  bool pending_head_only_ = false;
  CloseReason reason_ = CloseReason::peer_closed;
  Writing writing_ = Writing::idle;
  bool responded_ = false;
  bool owes_continue_ = false;  // the client waits for a 100 until the handler reads
  bool is_chunked_ = false;     // the response that is streamed
};

}  // namespace chopin::connection
