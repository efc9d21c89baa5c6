// The part of Http1 for handlers that read or write a body in parts.
#include <array>
#include <charconv>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connection/http1.hpp"

namespace chopin::connection {
namespace {

using http::Persistence;

void append_chunk(std::string_view bytes, ByteBuffer& output) {
  std::array<char, 2 * sizeof(std::size_t)> digits{};
  char* const end = std::to_chars(digits.begin(), digits.end(), bytes.size(), 16).ptr;
  output.append(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
  output.append("\r\n");
  output.append(bytes);
  output.append("\r\n");
}

}  // namespace

/// A body that a handler reads in parts, and that has not come with its head.
Http1::Step Http1::serve_parts(const RequestRoute& route, const http::RequestHead& head) {
  owes_continue_ = reader_.expects_continue();
  reader_.begin_parts(most_body(route));
  return dispatch(route, head, {});
}

Http1::Step Http1::serve_exchange() {
  ExchangeStreams& streams = *pending_->streams();
  streams.on_input();
  ByteBuffer& output = context_.burst.output.bytes();
  if (writing_ == Writing::with_handler && streams.has_begun()) begin_stream();
  if (writing_ == Writing::streaming && !streams.output().empty()) {
    if (is_chunked_) {
      append_chunk(streams.output(), output);
    } else {
      output.append(streams.output());
    }
    streams.output().clear();
  }
  if (pending_->is_complete()) return end_exchange();
  if (writing_ == Writing::with_handler && streams.wants_input() && std::exchange(owes_continue_, false)) {
    output.append(continue_response);
  }
  return Step::awaits_handler;
}

/// Sends the head. What the handler still does to it comes too late.
void Http1::begin_stream() {
  WorkerServices& worker = context_.worker;
  if (worker.dates_every_response) worker.date = http::HttpDate(std::time(nullptr));
  is_chunked_ = pending_->request().is_http_1_1();
  if (!is_chunked_) {
    pending_persistence_ = Persistence::close;
    reason_ = CloseReason::client_asked;
  }
  const http::ResponseWriter writer{
      .response = pending_->response(), .date = worker.date, .persistence = pending_delivery().persistence};
  ByteBuffer& output = context_.burst.output.bytes();
  output.commit(writer.write_stream_head(output.prepare(writer.most_head_bytes()), is_chunked_));
  writing_ = Writing::streaming;
}

Http1::Step Http1::end_exchange() {
  auto pending = std::exchange(pending_, nullptr);
  const Writing writing = std::exchange(writing_, Writing::idle);
  if (pending->is_broken()) return end(CloseReason::failed);
  Delivery delivery = pending_delivery();
  if (reader_.has_parts()) end_unread_parts(delivery);
  if (writing != Writing::streaming) return write(pending->response(), delivery);
  if (is_chunked_ && pending->request().method() != Method::head) {
    context_.burst.output.bytes().append("0\r\n\r\n");
  }
  return end_stream(delivery);
}

/// Nobody has read the whole body. Where the next request begins is not known, unless the rest has come
/// already.
void Http1::end_unread_parts(Delivery& delivery) {
  std::string_view skipped;
  RequestReader::Part part = RequestReader::Part::bytes;
  while (part == RequestReader::Part::bytes) part = reader_.next_part(skipped);
  if (part == RequestReader::Part::ended) return;
  if (part != RequestReader::Part::rejected) return close_after(CloseReason::body_unread, delivery);
  const http::Rejection rejection = reader_.rejection();
  context_.worker.counters.count(rejection);
  context_.worker.rejections.write(rejection, target_.peer());
  const bool is_late = rejection == http::Rejection::timed_out;
  close_after(is_late ? CloseReason::body_timeout : CloseReason::rejected, delivery);
}

void Http1::close_after(CloseReason reason, Delivery& delivery) noexcept {
  delivery.persistence = Persistence::close;
  reason_ = reason;
}

Http1::Step Http1::refuse_parts(http::Rejection rejection) {
  reader_.refuse_parts(rejection);
  return serve();
}

}  // namespace chopin::connection
