#include "connection/http1.hpp"

#include <ctime>
#include <utility>

#include "http/normal_path.hpp"
#include "http/response_writer.hpp"
#include "text/copy.hpp"

namespace chopin::connection {
namespace {

using http::Persistence;
using http::Rejection;
using Read = RequestReader::Read;

[[gnu::always_inline]] inline void append_prebuilt(ByteBuffer& output, std::string_view response) {
  static_assert(http::DatedResponses::slack >= text::copy_step);
  text::copy_in_steps(response, output.prepare(response.size() + text::copy_step));
  output.advance(response.size());
}

}  // namespace

// ---- The hot path, from the top down. bench/run instructions watches it. ----

Http1::Step Http1::serve() {
  const ByteBuffer& output = context_.burst.output.bytes();
  const std::uint64_t requests_before = context_.worker.counters.requests.value();
  Step step = Step::responded;
  if (writing_ != Writing::idle || reader_.has_open_body()) [[unlikely]]
    step = serve_open_request();
  std::size_t enough = output_before_look;
  while (step == Step::responded) {
    if (output.size() < enough) [[likely]] {
      step = serve_next();
    } else {
      enough = next_look();
      if (enough == 0) break;
    }
  }
  responded_ |= context_.worker.counters.requests.value() != requests_before;
  return step;
}

[[gnu::always_inline]] inline Http1::Step Http1::serve_next() {
  const std::string_view bytes = reader_.bytes();
  if (const auto* const known = reader_.find_remembered(bytes)) [[likely]]
    return respond_to_known(*known);
  if (bytes.empty()) return Step::needs_input;
  http::RequestHead& head = context_.burst.head;
  if (!reader_.scan_head(bytes, head)) [[unlikely]]
    return serve_parsed();
  if (head.has_body()) [[unlikely]]
    return serve_with_body(head);
  reader_.take_head(head.size);
  return respond_to_new(head);
}

[[gnu::always_inline]] inline Http1::Step Http1::respond_to_known(const HeadMemo::Known& known) {
  if (!known.response.empty() && !context_.worker.may_end_connections) [[likely]]
    return repeat_response(known);
  if (known.head.has_body()) [[unlikely]]
    return serve_with_body(known);
  reader_.take_head(known.head.size);
  if (known.found) return respond_on_known_route(*known.found, known.head);
  if (known.fast != nullptr && known.head.keep_alive && !context_.worker.may_end_connections) [[likely]]
    return write_route(*known.fast, known.head, persisting(known.head));
  return respond_otherwise(known.head, known.fast);
}

/// Responds to all consecutive heads in the input that are equal to this one.
[[gnu::always_inline]] inline Http1::Step Http1::repeat_response(const HeadMemo::Known& known) {
  ByteBuffer& output = context_.burst.output.bytes();
  std::string_view bytes = reader_.bytes();
  const std::size_t before = bytes.size();
  std::uint64_t count = 0;
  do {
    bytes.remove_prefix(known.head.size);
    append_prebuilt(output, known.response);
    ++count;
  } while (context_.worker.memo->repeats(bytes) && output.size() < Limits::max_pending_output);
  context_.worker.counters.requests.add(count);
  reader_.take_head(static_cast<std::uint32_t>(before - bytes.size()));
  return Step::responded;
}

/// Responds to a head without a body that the memo does not know.
[[gnu::always_inline]] inline Http1::Step Http1::respond_to_new(const http::RequestHead& head) {
  const routing::FastResponse* const fast = find_fast(head);
  if (context_.worker.memo != nullptr && context_.worker.memo->wants_another()) [[unlikely]]
    remember(head, fast);
  return respond(head, fast);
}

[[gnu::always_inline]] inline Http1::Step Http1::respond(const http::RequestHead& head,
                                                         const routing::FastResponse* fast) {
  if (fast != nullptr && head.keep_alive && !context_.worker.may_end_connections) [[likely]]
    return write(*fast, head, persisting(head));
  return respond_otherwise(head, fast);
}

[[gnu::always_inline]] inline Http1::Delivery Http1::persisting(const http::RequestHead& head) noexcept {
  return {.persistence = head.is_http_1_1 ? Persistence::keep_alive : Persistence::keep_alive_http_1_0,
          .head_only = head.method == Method::head};
}

[[gnu::always_inline]] inline Http1::Step Http1::write(const routing::FastResponse& fast,
                                                       const http::RequestHead& head, Delivery delivery) {
  if (fast.route != nullptr) [[unlikely]]
    return write_route(fast, head, delivery);
  append_prebuilt(context_.burst.output.bytes(),
                  context_.worker.prebuilt.bytes(fast.prebuilt, delivery.persistence, delivery.head_only));
  return end_response(delivery);
}

[[gnu::always_inline]] inline Http1::Step Http1::write_route(const routing::FastResponse& fast,
                                                             const http::RequestHead& head,
                                                             Delivery delivery) {
  return fast.is_composed ? compose(*fast.route, head, delivery) : write_large(fast, delivery);
}

[[gnu::always_inline]] inline Http1::Step Http1::end_response(Delivery delivery) {
  ++context_.worker.counters.requests;
  if (delivery.persistence != Persistence::close) [[likely]]
    return Step::responded;
  return end(reason_);
}

Http1::Step Http1::end_stream(Delivery delivery) {
  return end_response(delivery);
}

// ---- The end of the connection. ----

[[gnu::always_inline]] inline Http1::Delivery Http1::usual_delivery_of(
    const http::RequestHead& head) noexcept {
  Delivery delivery = persisting(head);
  if (!head.keep_alive) {
    delivery.persistence = Persistence::close;
    reason_ = CloseReason::client_asked;
  } else if (is_tunnel_or_echo(head.method)) [[unlikely]] {
    delivery.persistence = Persistence::close;  // another protocol may follow a CONNECT
    reason_ = CloseReason::rejected;
  }
  return delivery;
}

Http1::Delivery Http1::delivery_of(const http::RequestHead& head) noexcept {
  Delivery delivery = usual_delivery_of(head);
  if (context_.worker.may_end_connections) [[unlikely]] {
    if (!head.keep_alive) {
      take_from_rate();
    } else if (is_last()) {
      delivery.persistence = Persistence::close;
    }
  }
  return delivery;
}

Http1::Step Http1::end(CloseReason reason) noexcept {
  reader_.end();
  writing_ = Writing::ended;
  reason_ = reason;
  return Step::ended;
}

// ---- Heads that are refused or left to the parser, and requests that are still open. ----

Http1::Step Http1::serve_parsed() {
  switch (reader_.parse_head()) {
    case Read::request: return respond_to_new(keep(context_.burst.last_parser().head()));
    case Read::body_begins: return serve_body(keep(context_.burst.last_parser().head()));
    case Read::rejected: return reject(reader_.rejection());
    case Read::needs_input: break;
  }
  return Step::needs_input;
}

Http1::Step Http1::serve_open_request() {
  switch (writing_) {
    case Writing::idle: return serve_upload();
    case Writing::with_handler:
    case Writing::streaming:
      if (pending_->streams() != nullptr) return serve_exchange();
      return pending_->is_complete() ? write_pending() : Step::awaits_handler;
    case Writing::ended: break;
  }
  return Step::ended;
}

// ---- The router's responses. ----

Http1::Step Http1::dispatch(const RequestRoute& route, const http::RequestHead& head, std::string_view body) {
  if (route.rejection != Rejection::none) return reject(route.rejection, head);
  const Delivery delivery = delivery_of(head);
  if (route.fast != nullptr) return write(*route.fast, head, delivery);
  return call_handler(route.found, route.path, head, body, delivery);
}

/// Responds to a request without a body that has no fast route or is the last on its connection.
Http1::Step Http1::respond_otherwise(const http::RequestHead& head, const routing::FastResponse* fast) {
  const Delivery delivery = delivery_of(head);
  if (fast != nullptr) {
    return fast->route != nullptr ? write_route(*fast, head, delivery) : write(*fast, head, delivery);
  }
  if (const auto* const endpoint = context_.shared.routes.find_as_sent(head.method, head.path)) {
    context_.burst.params.clear();
    return call_handler({endpoint, {}}, head.path, head, {}, delivery);
  }
  const http::NormalPath normal = http::normalise_path(head.path, context_.burst.normal_path);
  if (normal.rejection != Rejection::none) [[unlikely]]
    return dispatch(find_route(head), head, {});
  const auto found = context_.shared.routes.find(head.method, normal.path, context_.burst.params);
  return call_handler(found, normal.path, head, {}, delivery);
}

Http1::Step Http1::respond_on_known_route(const routing::RouteTable::Found& found,
                                          const http::RequestHead& head) {
  if (context_.worker.may_end_connections) [[unlikely]]
    return respond_on_route_if_last(found, head);
  context_.burst.params.clear();
  return call_handler(found, head.path, head, {}, usual_delivery_of(head));
}

Http1::Step Http1::call_handler(const routing::RouteTable::Found& found, std::string_view path,
                                const http::RequestHead& head, std::string_view body, Delivery delivery) {
  Request request({.method = head.method,
                   .target = head.target,
                   .path = path,
                   .fields = head.fields,
                   .params = context_.burst.params,
                   .body = body,
                   .log = &context_.worker.log,
                   .is_http_1_1 = head.is_http_1_1,
                   .services = &context_.worker.services,
                   .peer = &target_.peer(),
                   .proxies = context_.proxies,
                   .shared_body = &context_.burst.shared_body});
  Response& response = context_.burst.response;
  response.reset();
  context_.worker.loop.note_application_code();
  if (const auto passed = context_.shared.routes.dispatch(found, request, response)) [[unlikely]]
    return await_handler(found, *passed, request, delivery);
  if (reader_.has_parts()) [[unlikely]]
    end_unread_parts(delivery);
  if (context_.worker.loop.turns().is_watching()) [[unlikely]]
    return write_in_turn(response, delivery);
  return write(response, delivery);
}

[[gnu::always_inline]] inline http::ResponseWriter Http1::writer_of(const Response& response,
                                                                    Delivery delivery) const noexcept {
  return {.response = response,
          .date = context_.worker.date,
          .persistence = delivery.persistence,
          .head_only = delivery.head_only};
}

Http1::Step Http1::write(Response& response, Delivery delivery) {
  WorkerServices& worker = context_.worker;
  if (worker.dates_every_response) worker.date = http::HttpDate(std::time(nullptr));
  if (response.has_shared_body()) [[unlikely]]
    return write_with_shared_body(response, delivery);
  const http::ResponseWriter writer = writer_of(response, delivery);
  ByteBuffer& output = context_.burst.output.bytes();
  output.commit(writer.write(output.prepare(writer.most_bytes())));
  return end_response(delivery);
}

/// A body that is sent ends the burst: the next response waits until the peer has read it.
Http1::Step Http1::write_with_shared_body(Response& response, Delivery delivery) {
  const http::ResponseWriter writer = writer_of(response, delivery);
  ByteBuffer& output = context_.burst.output.bytes();
  output.commit(writer.write_head(output.prepare(writer.most_head_bytes())));
  const bool sends_body = !delivery.head_only && !writer.content.empty();
  SharedBody body = response.take_shared_body();
  return end_response_with(sends_body ? std::move(body) : nullptr, delivery);
}

Http1::Step Http1::end_response_with(SharedBody body, Delivery delivery) {
  const bool has_body = body != nullptr;
  context_.burst.output.end_with(std::move(body));
  const Step step = end_response(delivery);
  return has_body ? Step::responded_with_body : step;
}

/// A fast route whose body is too large to be copied.
Http1::Step Http1::write_large(const routing::FastResponse& fast, Delivery delivery) {
  const std::string_view head = context_.worker.prebuilt.bytes(fast.prebuilt, delivery.persistence, true);
  context_.burst.output.bytes().append(head);
  return end_response_with(delivery.head_only ? nullptr : fast.route->lent_body(), delivery);
}

Http1::Step Http1::compose(const FastRoute& route, const http::RequestHead& head, Delivery delivery) {
  Response& response = context_.burst.response;
  response.reset();
  try {
    routing::RouteTable::compose(route, response);
  } catch (...) {
    respond_to_exception(head);
  }
  return write(response, delivery);
}

void Http1::respond_to_exception(const http::RequestHead& head) {
  const Request request(
      {.method = head.method, .target = head.target, .path = head.path, .log = &context_.worker.log});
  routing::RouteTable::respond_to_exception(request, context_.burst.response);
}

// ---- The head memo. ----

void Http1::remember(const http::RequestHead& head, const routing::FastResponse* fast) {
  HeadMemo::Known known{.head = head, .fast = fast, .response = {}, .found = {}, .wants_body = false};
  if (fast == nullptr) {
    const RequestRoute route = find_route(head);
    const bool is_as_sent = route.path.data() == head.path.data();
    if (route.rejection == Rejection::none && is_as_sent && context_.burst.params.empty()) {
      known.found = route.found;
      known.wants_body = route.wants_body(head.method);
    }
  } else if (head.keep_alive && fast->route == nullptr && !head.has_body()) {
    const Delivery delivery = persisting(head);
    known.response = context_.worker.prebuilt.bytes(fast->prebuilt, delivery.persistence, delivery.head_only);
  }
  context_.worker.memo->remember(reader_.bytes_from(head), known);
}

}  // namespace chopin::connection
