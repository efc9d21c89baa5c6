#include "connection/protocol.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <utility>

#include "http/head_scanner.hpp"
#include "http/normal_path.hpp"
#include "http/response_writer.hpp"
#include "text/characters.hpp"

namespace chopin::connection {
namespace {

using http::Persistence;
using http::Rejection;
using Progress = http::RequestParser::Progress;

constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

/// An answer is a few hundred bytes, and a call would cost as much as the bytes.
[[gnu::always_inline]] inline void append_prebuilt(ByteBuffer& output, std::string_view answer) {
  using Block [[gnu::vector_size(32)]] = char;
  constexpr std::size_t step = http::DatedResponses::slack;
  char* out = output.prepare(answer.size() + step);
  const char* const end = out + answer.size();
  for (const char* in = answer.data(); out < end; in += step, out += step) {
    for (std::size_t at = 0; at < step; at += sizeof(Block)) {
      Block block;
      std::memcpy(&block, in + at, sizeof block);
      std::memcpy(out + at, &block, sizeof block);
    }
  }
  output.advance(answer.size());
}

}  // namespace

Protocol::~Protocol() {
  if (pending_ != nullptr) pending_->detach();
}

// ---- The hot path. bench/instructions watches it. ----

[[gnu::always_inline]] inline Protocol::Step Protocol::note_given(Delivery delivery) {
  ++context_.counters.requests;
  if (delivery.persistence != Persistence::close) [[likely]]
    return Step::answered;
  last_given_ = true;
  return Step::last;
}

[[gnu::always_inline]] inline Protocol::Step Protocol::give(const routing::FastResponse& fast,
                                                            const http::RequestHead& head,
                                                            Delivery delivery) {
  if (fast.composed != nullptr) [[unlikely]]
    return compose(*fast.composed, keep(head), delivery);
  append_prebuilt(context_.output,
                  context_.prebuilt.bytes(fast.prebuilt, delivery.persistence, delivery.head_only));
  return note_given(delivery);
}

Protocol::Step Protocol::compose(const FastRoute& route, const http::RequestHead& head, Delivery delivery) {
  context_.response.reset();
  try {
    routing::RouteTable::compose(route, context_.response);
  } catch (...) {
    respond_to_exception(head);
  }
  return give(context_.response, delivery);
}

void Protocol::respond_to_exception(const http::RequestHead& head) {
  const Request request({.method = head.method, .target = head.target, .path = head.path});
  routing::RouteTable::respond_to_exception(request, context_.response);
}

/// The worker's copy, for those who take its address: a head that nobody keeps stays in registers.
[[gnu::always_inline]] inline const http::RequestHead& Protocol::keep(const http::RequestHead& head) {
  return context_.head = head;
}

[[gnu::always_inline]] inline Protocol::Delivery Protocol::persisting(
    const http::RequestHead& head) noexcept {
  return {.persistence = head.is_http_1_1 ? Persistence::keep_alive : Persistence::keep_alive_http_1_0,
          .head_only = head.method == Method::head};
}

[[gnu::always_inline]] inline Protocol::Delivery Protocol::deliver(const http::RequestHead& head) {
  Delivery delivery = persisting(head);
  if (!head.keep_alive) {
    delivery.persistence = Persistence::close;
    reason_ = CloseReason::client_asked;
  } else if (context_.draining) {
    delivery.persistence = Persistence::close;
    reason_ = CloseReason::drained;
  } else if (is_tunnel_or_echo(head.method)) [[unlikely]] {
    delivery.persistence = Persistence::close;  // behind a CONNECT may already be another protocol
    reason_ = CloseReason::rejected;
  }
  return delivery;
}

[[gnu::always_inline]] inline const routing::FastResponse* Protocol::find_fast(
    const http::RequestHead& head) const noexcept {
  return context_.fast_routes.find(head.method, head.path);
}

[[gnu::always_inline]] inline Protocol::Step Protocol::answer(const http::RequestHead& head,
                                                              const routing::FastResponse* fast,
                                                              std::string_view body) {
  if (fast != nullptr && head.keep_alive && !context_.draining) [[likely]]
    return give(*fast, head, persisting(head));
  const Delivery delivery = deliver(head);
  if (fast != nullptr) return give(*fast, head, delivery);
  return route(keep(head), body, delivery);
}

[[gnu::always_inline]] inline void Protocol::take_head(std::uint32_t size) noexcept {
  input_.consume(size);
  examined_ = 0;
  empty_lines_ = 0;
}

/// One without a body, which the memo does not know.
[[gnu::always_inline]] inline Protocol::Step Protocol::answer_first_seen(std::string_view bytes,
                                                                         const http::RequestHead& head) {
  const routing::FastResponse* const fast = find_fast(head);
  if (context_.memo != nullptr && context_.memo->wants_another()) [[unlikely]]
    remember(bytes, keep(head), fast);
  return answer(head, fast, {});
}

Protocol::Step Protocol::answer_known_route(const routing::RouteTable::Found& found,
                                            const http::RequestHead& head) {
  context_.params.clear();
  return answer_routed(found, head.path, head, {}, deliver(head));
}

/// To all heads in the input that are the same.
[[gnu::always_inline]] inline Protocol::Step Protocol::repeat_answer(const HeadMemo::Known& known) {
  std::string_view bytes = input_.bytes();
  const std::size_t before = bytes.size();
  do {
    bytes.remove_prefix(known.head.size);
    append_prebuilt(context_.output, known.answer);
    ++context_.counters.requests;
  } while (context_.memo->repeats(bytes) && context_.output.size() < Limits::max_pending_output);
  take_head(static_cast<std::uint32_t>(before - bytes.size()));
  return Step::answered;
}

[[gnu::always_inline]] inline Protocol::Step Protocol::serve_next() {
  std::string_view bytes = input_.bytes();
  if (context_.memo != nullptr) {
    if (const auto* const known = context_.memo->find(bytes)) [[likely]] {
      if (!known->answer.empty() && !context_.draining) [[likely]]
        return repeat_answer(*known);
      take_head(known->head.size);
      if (known->found) return answer_known_route(*known->found, known->head);
      return answer(known->head, known->fast, {});
    }
  }
  if (bytes.starts_with('\r')) [[unlikely]] {
    if (!skip_empty_lines()) return reject(Rejection::empty_lines_too_many);
    bytes = input_.bytes();
    if (bytes == "\r") return Step::needs_input;  // it may be half of another one
  }
  if (bytes.empty() || (examined_ != 0 && !can_end_head(bytes))) return Step::needs_input;
  http::RequestHead head;
  if (context_.scans_heads && http::scan_head(bytes, context_.scratch, head)) [[likely]] {
    take_head(head.size);
    return answer_first_seen(bytes, head);
  }
  return parse_next(bytes);
}

Protocol::Step Protocol::serve() {
  const std::uint64_t requests_before = context_.counters.requests;
  Step step = Step::answered;
  if (upload_ != nullptr || pending_ != nullptr) [[unlikely]]
    step = finish_open_request();
  while (step == Step::answered && context_.output.size() < Limits::max_pending_output) step = serve_next();
  answered_ |= context_.counters.requests != requests_before;
  return step;
}

void Protocol::remember(std::string_view bytes, const http::RequestHead& head,
                        const routing::FastResponse* fast) {
  HeadMemo::Known known{.head = head, .fast = fast, .answer = {}, .found = {}};
  if (fast == nullptr) {
    const http::NormalPath normal = http::normalise_path(head.path, context_.normal_path);
    const auto found = context_.routes.find(head.method, normal.path, context_.params);
    const bool is_as_sent = normal.path.data() == head.path.data();
    if (normal.rejection == Rejection::none && is_as_sent && context_.params.empty()) known.found = found;
  } else if (head.keep_alive && fast->composed == nullptr) {
    const Delivery delivery = persisting(head);
    known.answer = context_.prebuilt.bytes(fast->prebuilt, delivery.persistence, delivery.head_only);
  }
  context_.memo->remember(bytes, known);
}

Protocol::Step Protocol::parse_next(std::string_view bytes) {
  http::RequestParser& request = context_.parser.emplace(context_.limits, context_.scratch);
  const Progress progress = request.parse_head(bytes);
  if (progress == Progress::rejected) return reject(request.rejection());
  if (progress == Progress::incomplete) {
    examined_ = static_cast<std::uint32_t>(bytes.size());
    return Step::needs_input;
  }
  const http::RequestHead& head = request.head();
  take_head(head.size);
  if (request.has_body()) return begin_body(request, bytes.substr(0, head.size));
  return answer_first_seen(bytes, head);
}

// ---- The router's answers. ----

Protocol::Step Protocol::route(const http::RequestHead& head, std::string_view body, Delivery delivery) {
  const http::NormalPath normal = http::normalise_path(head.path, context_.normal_path);
  if (normal.rejection != Rejection::none)
    return reject(normal.rejection, delivery.head_only, CloseReason::rejected);
  const auto found = context_.routes.find(head.method, normal.path, context_.params);
  return answer_routed(found, normal.path, head, body, delivery);
}

Protocol::Step Protocol::answer_routed(const routing::RouteTable::Found& found, std::string_view path,
                                       const http::RequestHead& head, std::string_view body,
                                       Delivery delivery) {
  Request request({.method = head.method,
                   .target = head.target,
                   .path = path,
                   .fields = head.fields,
                   .params = context_.params,
                   .body = body});
  context_.response.reset();
  context_.loop.note_application_code();
  if (const auto* const endpoint = context_.routes.dispatch(found, request, context_.response)) {
    return answer_later(*endpoint, request, delivery);
  }
  return give(context_.response, delivery);
}

Protocol::Step Protocol::give(const Response& response, Delivery delivery) {
  if (context_.dates_every_response) context_.date = http::HttpDate(std::time(nullptr));
  const http::ResponseWriter writer{.response = response,
                                    .date = context_.date,
                                    .persistence = delivery.persistence,
                                    .head_only = delivery.head_only};
  ByteBuffer& output = context_.output;
  output.commit(writer.write(output.prepare(writer.most_bytes())));
  return note_given(delivery);
}

Protocol::Step Protocol::answer_later(const routing::Endpoint& endpoint, const Request& request,
                                      Delivery delivery) {
  pending_ = std::make_shared<PendingResponse>(request, std::move(context_.response), endpoint, context_.loop,
                                               context_.io_context);
  pending_delivery_ = delivery;
  pending_->run(*std::get<const LaterHandler*>(endpoint.handler));
  if (pending_->is_complete()) return give_pending();
  pending_->attach(target_);
  return Step::awaits_handler;
}

Protocol::Step Protocol::finish_open_request() {
  if (upload_ != nullptr) return continue_body();
  return pending_->is_complete() ? give_pending() : Step::awaits_handler;
}

Protocol::Step Protocol::give_pending() {
  if (context_.draining && pending_delivery_.persistence != Persistence::close) {
    pending_delivery_.persistence = Persistence::close;
    reason_ = CloseReason::drained;
  }
  const auto pending = std::exchange(pending_, nullptr);
  return give(pending->response(), pending_delivery_);
}

void Protocol::tell_client_gone() noexcept {
  if (awaits_handler()) pending_->tell_client_gone();
}

// ---- Bodies. ----

/// Whether a handler will see it; of other requests, GET and HEAD among them, the body is read and dropped.
bool Protocol::wants_body(const http::RequestHead& head) {
  if (head.method == Method::get || head.method == Method::head) return false;
  if (find_fast(head) != nullptr) return false;
  const http::NormalPath normal = http::normalise_path(head.path, context_.normal_path);
  if (normal.rejection != Rejection::none) return false;
  const auto* const endpoint = context_.routes.find(head.method, normal.path, context_.params).endpoint;
  return endpoint != nullptr && !std::holds_alternative<const FastRoute*>(endpoint->handler);
}

Protocol::Step Protocol::begin_body(http::RequestParser& request, std::string_view head) {
  if (request.expects_continue() && input_.empty()) context_.output.append(continue_response);
  const bool body_is_wanted = wants_body(request.head());
  std::string& body = context_.body;
  body.clear();
  std::size_t consumed = 0;
  const Progress progress = request.parse_body(input_.bytes(), consumed, body_is_wanted ? &body : nullptr);
  input_.consume(consumed);
  if (progress == Progress::complete) return answer(request.head(), find_fast(request.head()), body);
  if (progress == Progress::rejected)
    return reject(request.rejection(), request.head().method == Method::head, CloseReason::rejected);
  upload_ = std::make_unique<Upload>(Upload{.parser = std::move(request),
                                            .head = std::string(head),
                                            .body = std::move(body),
                                            .body_is_wanted = body_is_wanted});
  return Step::needs_input;
}

Protocol::Step Protocol::continue_body() {
  std::size_t consumed = 0;
  const Progress progress = upload_->parser.parse_body(input_.bytes(), consumed,
                                                       upload_->body_is_wanted ? &upload_->body : nullptr);
  input_.consume(consumed);
  upload_->has_progressed |= consumed > 0;
  if (progress == Progress::incomplete) return Step::needs_input;
  if (progress == Progress::rejected) return reject(upload_->parser.rejection());
  const auto upload = std::exchange(upload_, nullptr);
  http::RequestParser& request = context_.parser.emplace(context_.limits, context_.scratch);
  request.parse_head(upload->head);
  return answer(request.head(), find_fast(request.head()), upload->body);
}

// ---- Rarer things. ----

/// False where there are too many of them.
bool Protocol::skip_empty_lines() {
  while (input_.bytes().starts_with("\r\n")) {
    if (empty_lines_ == Limits::max_empty_lines) return false;
    ++empty_lines_;
    input_.consume(2);
    examined_ = 0;
  }
  return true;
}

/// Whether parsing an incomplete head again can tell more than the last time. A small head is cheap to parse
/// at every read. Of a large one, parsing at every byte of a slow client would cost the square of its size:
/// it waits until a line has ended, a byte has come that no head may hold, or a limit is crossed.
bool Protocol::can_end_head(std::string_view bytes) const noexcept {
  constexpr std::size_t small = 1024;
  const auto crosses = [&](std::size_t limit) { return examined_ < limit && bytes.size() >= limit; };
  if (bytes.size() <= small || crosses(Limits::max_request_line + 1) || crosses(context_.limits.max_head))
    return true;
  return std::ranges::any_of(bytes.substr(examined_), [](char c) {
    return !text::is_in(c, text::character_class::field_text) && c != '\r';
  });
}

Protocol::Step Protocol::reject(Rejection rejection, bool head_only, CloseReason reason) {
  upload_.reset();
  context_.output.append(
      context_.prebuilt.bytes(http::PrebuiltResponses::id_of(rejection), Persistence::close, head_only));
  reason_ = reason;
  last_given_ = true;
  return Step::last;
}

/// A head that was not looked at again, see can_end_head, may be malformed by now. Whoever sends it in one
/// piece is told so, and so is everyone.
Protocol::Step Protocol::reject_truncated() {
  if (examined_ != 0) {
    http::RequestParser& request = context_.parser.emplace(context_.limits, context_.scratch);
    if (request.parse_head(input_.bytes()) == Progress::rejected) return reject(request.rejection());
  }
  return reject(Rejection::truncated);
}

/// Whether the request that has begun is a HEAD, to which no answer has a body.
bool Protocol::wants_head_only() const noexcept {
  if (upload_ != nullptr) return upload_->parser.head().method == Method::head;
  return input_.bytes().starts_with("HEAD ");
}

}  // namespace chopin::connection
