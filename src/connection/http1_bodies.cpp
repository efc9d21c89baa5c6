// The part of Http1 for requests with a body.
#include <string_view>

#include "connection/http1.hpp"

namespace chopin::connection {
namespace {

using http::Rejection;
using Read = RequestReader::Read;

}  // namespace

// ---- Plain heads. A body that has not come with its head is left to the parser, and the head too. ----

Http1::Step Http1::serve_with_body(const http::RequestHead& head) {
  const http::FramedBody body = reader_.find_body(head);
  if (body.size == 0) return serve_parsed();
  reader_.take_head(head.size);
  if (context_.worker.memo != nullptr && context_.worker.memo->wants_another()) {
    remember(head, context_.shared.fast_routes.find(head.method, head.path));
  }
  const auto* const endpoint = context_.shared.routes.find_as_sent(head.method, head.path);
  if (endpoint != nullptr && endpoint->wants_body(head.method)) [[likely]] {
    reader_.take_body(body);
    if (body.content.size() > most_body({.found = {endpoint, {}}, .path = {}})) [[unlikely]]
      return reject(Rejection::body_too_large, head);
    context_.burst.params.clear();
    return call_handler({endpoint, {}}, head.path, head, body.content, delivery_of(head));
  }
  const RequestRoute route = find_route(head);
  reader_.take_body(body);
  if (body.content.size() > most_body(route)) [[unlikely]]
    return reject(Rejection::body_too_large, head);
  return dispatch(route, head, route.wants_body(head.method) ? body.content : "");
}

Http1::Step Http1::serve_with_body(const HeadMemo::Known& known) {
  const http::RequestHead& head = known.head;
  const http::FramedBody body = reader_.find_body(head);
  if (body.size == 0) return serve_parsed();
  reader_.take_head(head.size);
  reader_.take_body(body);
  if (known.found) {
    if (body.content.size() > most_body({.found = *known.found, .path = {}})) [[unlikely]]
      return reject(Rejection::body_too_large, head);
    context_.burst.params.clear();
    const std::string_view content = known.wants_body ? body.content : "";
    return call_handler(*known.found, head.path, head, content, delivery_of(head));
  }
  const RequestRoute route = find_route(head);
  if (body.content.size() > most_body(route)) return reject(Rejection::body_too_large, head);
  return dispatch(route, head, route.wants_body(head.method) ? body.content : "");
}

// ---- Parsed heads. ----

Http1::Step Http1::serve_body(const http::RequestHead& head) {
  const RequestRoute route = find_route(head);
  const std::uint64_t most = most_body(route);
  if (head.body_size != http::RequestHead::chunked && head.body_size > most) {
    return reject(Rejection::body_too_large, head);
  }
  if (route.wants_body(head.method) && reader_.bytes().size() < head.body_size && !has_room_for_body(head)) {
    return reject(Rejection::memory_short, head);
  }
  if (route.streams_body(head.method)) return serve_parts(route, head);
  if (reader_.expects_continue()) context_.burst.output.bytes().append(continue_response);
  const Read read = reader_.begin_body(route, most);
  if (read == Read::request) return dispatch(route, head, context_.burst.body);
  if (read == Read::needs_input) return Step::needs_input;
  return reject(reader_.rejection(), head);
}

/// A handler that responds with the body has it three times for a moment, and a string that grows twice.
bool Http1::has_room_for_body(const http::RequestHead& head) const noexcept {
  constexpr std::uint64_t most_copies = 3;
  if (refuses_bodies()) return false;
  if (head.body_size == http::RequestHead::chunked || head.body_size < Limits::read_buffer) return true;
  return head.body_size <= context_.worker.memory.room() / most_copies;
}

Http1::Step Http1::serve_upload() {
  // Else all uploads that are read in one round could grow before the largest are closed at its end.
  if (context_.worker.memory.stage() >= MemoryStage::shed) {
    return reject(Rejection::memory_short, CloseReason::memory);
  }
  const Read read = reader_.continue_body();
  if (read == Read::needs_input) return Step::needs_input;
  if (read == Read::rejected) return reject(reader_.rejection());
  const auto upload = reader_.take_upload();
  context_.burst.params = upload->params;
  context_.burst.shared_body = upload->body;
  const Step step = dispatch(upload->route, keep(context_.burst.last_parser().head()), *upload->body);
  context_.burst.shared_body = nullptr;
  context_.worker.loop.turns().look();  // what handles large bodies is often what takes long
  return step;
}

}  // namespace chopin::connection
