#include "server/session.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "http/characters.hpp"

namespace chopin::server {
namespace {

using http::Persistence;
using http::Rejection;
using Progress = http::RequestParser::Progress;

constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

/// A head, or what surrounds a chunk, must fit: the longest of both decides how far the input buffer may
/// grow.
std::uint32_t input_limit(const Limits& limits) noexcept {
  constexpr std::uint32_t chunk_line = 64;
  return std::max(Limits::first_read_buffer, limits.max_head + Limits::max_chunk_extensions + chunk_line);
}

}  // namespace

void Session::start(Descriptor socket, SessionContext& context) {
  auto* const session = new Session(std::move(socket), context);  // deletes itself, see close()
  if (const int error = context.readiness.watch(session->socket_.get(), *session); error != 0) {
    session->close(CloseReason::failed);
    throw std::system_error(error, std::generic_category(), "epoll_ctl");
  }
  if (context.draining) session->drain();
}

Session::Session(Descriptor socket, SessionContext& context) : context_(context), socket_(std::move(socket)) {
  context_.readiness.make_room(context_.sessions + 1);
  ++context_.sessions;
  ++context_.counters.connections;
  context_.deadlines.wait(*this, Wait::head);
}

Session::~Session() {
  context_.readiness.forget(*this);
  Deadlines::remove(*this);
  --context_.sessions;
  context_.session_ended();
}

// ---- The hot path: read, serve, write. bench/instructions watches it. ----

void Session::on_ready(Events events) {
  peer_finished_ |= events.peer_finished;
  if (is_blocked() || waits_for_turn_) [[unlikely]] {
    has_unread_ |= events.readable;
    if (is_blocked() && events.writable) write_unsent();
    return;
  }
  if (events.readable) [[likely]]
    read();
}

void Session::read() {
  const std::span<char> space = input_.prepare(Limits::first_read_buffer, input_limit(context_.limits));
  const Transfer transfer = receive_now(socket_.get(), space);
  if (transfer.size == 0) [[unlikely]] {
    has_unread_ = false;
    if (transfer.error == 0) return on_end_of_input();
    if (transfer.error == EAGAIN) return on_empty_socket();
    return close(is_lingering() ? reason_ : CloseReason::peer_reset);
  }
  // Less than there was room for: the socket is empty, and what comes later is a new event. A FIN is not.
  has_unread_ = transfer.size == space.size() || peer_finished_;
  input_.commit(transfer.size);
  if (is_lingering()) [[unlikely]]
    return linger();
  serve();
}

void Session::serve() {
  Step step = Step::answered;
  while (step == Step::answered && context_.output.size() < Limits::max_pending_output) step = serve_next();
  has_unserved_ = step == Step::answered;
  write();
}

[[gnu::always_inline]] inline Session::Answer Session::choose_answer(const http::RequestParser& request) {
  const Method method = request.method();
  Answer answer{
      .id = context_.routes.answer(method, request.path()),
      .persistence = request.is_http_1_1() ? Persistence::keep_alive : Persistence::keep_alive_http_1_0,
      .head_only = method == Method::head};
  if (!request.keep_alive()) {
    answer.persistence = Persistence::close;
    reason_ = CloseReason::client_asked;
  } else if (context_.draining) {
    answer.persistence = Persistence::close;
    reason_ = CloseReason::drained;
  } else if (method == Method::connect || method == Method::trace) [[unlikely]] {
    answer.persistence =
        Persistence::close;  // behind a CONNECT the client may already speak another protocol
    reason_ = CloseReason::rejected;
  }
  return answer;
}

[[gnu::always_inline]] inline Session::Step Session::give(Answer answer) {
  context_.output.append(context_.responses.bytes(answer.id, answer.persistence, answer.head_only));
  ++context_.counters.requests;
  answered_ = true;
  if (answer.persistence != Persistence::close) [[likely]]
    return Step::answered;
  last_given_ = true;
  return Step::last;
}

Session::Step Session::serve_next() {
  if (upload_ != nullptr) [[unlikely]]
    return continue_body();
  std::string_view bytes = input_.bytes();
  if (bytes.starts_with('\r')) [[unlikely]] {
    if (!skip_empty_lines()) return reject(Rejection::empty_lines_too_many, false);
    bytes = input_.bytes();
    if (bytes == "\r") return Step::needs_input;  // it may be half of another one
  }
  if (bytes.empty() || (examined_ != 0 && !can_end_head(bytes))) return Step::needs_input;
  http::RequestParser& request = context_.parser.emplace(context_.limits, context_.scratch);
  const Progress progress = request.parse_head(bytes);
  if (progress != Progress::complete) [[unlikely]] {
    if (progress == Progress::rejected) return reject(request.rejection(), request.method() == Method::head);
    examined_ = static_cast<std::uint32_t>(bytes.size());
    return Step::needs_input;
  }
  examined_ = 0;
  empty_lines_ = 0;
  input_.consume(request.head_size());
  if (request.has_body()) [[unlikely]]
    return begin_body(request);
  return give(choose_answer(request));
}

void Session::write() {
  OutputBuffer& output = context_.output;
  if (output.size() > 0) [[likely]] {
    const std::string_view bytes = output.bytes();
    const Transfer transfer = send_now(socket_.get(), bytes);
    output.clear();
    if (transfer.size < bytes.size()) [[unlikely]] {
      if (transfer.error != 0 && transfer.error != EAGAIN) return close(CloseReason::peer_reset);
      unsent_.assign(bytes.substr(transfer.size));
      unsent_offset_ = 0;
      return await_room();
    }
  }
  after_write();
}

void Session::after_write() {
  if (last_given_) [[unlikely]]
    return finish();
  await_input();
  if (has_unread_ || has_unserved_) [[unlikely]]
    take_turn();
}

void Session::await_input() {
  had_request_ |= answered_;
  Wait wait = Wait::idle;
  if (upload_ != nullptr) {
    wait = Wait::body;
  } else if (!input_.empty() || !had_request_) {
    wait = Wait::head;
  }
  // The header timeout runs from the first byte of a head, every other wait from now.
  if (wait != Wait::head || answered_ || waits_for() != Wait::head) context_.deadlines.wait(*this, wait);
  answered_ = false;
}

// ---- Rarer things. ----

/// There is more to do, but the neighbours come first.
void Session::take_turn() {
  if (!std::exchange(waits_for_turn_, true)) context_.readiness.take_turn(*this);
}

void Session::on_turn() {
  waits_for_turn_ = false;
  if (is_blocked()) return;  // serving goes on once the peer reads
  if (has_unserved_) return serve();
  read();
}

void Session::on_failure() noexcept {
  context_.output.clear();  // what was gathered for this connection must not go to the next one
  close(CloseReason::failed);
}

/// False where there are too many of them.
bool Session::skip_empty_lines() {
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
bool Session::can_end_head(std::string_view bytes) const noexcept {
  constexpr std::size_t small = 1024;
  const auto crosses = [&](std::size_t limit) { return examined_ < limit && bytes.size() >= limit; };
  if (bytes.size() <= small || crosses(Limits::max_request_line + 1) || crosses(context_.limits.max_head))
    return true;
  return std::ranges::any_of(bytes.substr(examined_), [](char c) {
    return !http::is_in(c, http::character_class::field_text) && c != '\r';
  });
}

Session::Step Session::begin_body(http::RequestParser& request) {
  if (request.expects_continue() && input_.empty()) context_.output.append(continue_response);
  return receive_body(request, choose_answer(request));
}

Session::Step Session::continue_body() {
  const Step step = receive_body(upload_->parser, upload_->answer);
  if (step != Step::needs_input) upload_.reset();
  return step;
}

Session::Step Session::receive_body(http::RequestParser& request, Answer answer) {
  std::size_t consumed = 0;
  const Progress progress = request.parse_body(input_.bytes(), consumed);
  input_.consume(consumed);
  if (progress == Progress::complete) {
    if (context_.draining && answer.persistence != Persistence::close) {  // since the head was read
      answer.persistence = Persistence::close;
      reason_ = CloseReason::drained;
    }
    return give(answer);
  }
  if (progress == Progress::rejected) return reject(request.rejection(), answer.head_only);
  if (upload_ == nullptr) upload_ = std::make_unique<Upload>(Upload{std::move(request), answer});
  return Step::needs_input;
}

Session::Step Session::reject(Rejection rejection, bool head_only) {
  context_.output.append(
      context_.responses.bytes(http::CannedResponses::id_of(rejection), Persistence::close, head_only));
  reason_ = CloseReason::rejected;
  last_given_ = true;
  return Step::last;
}

/// Whether the request that has begun is a HEAD, to which no answer has a body.
bool Session::wants_head_only() const noexcept {
  return upload_ != nullptr ? upload_->answer.head_only : input_.bytes().starts_with("HEAD ");
}

void Session::on_end_of_input() {
  if (is_lingering()) return close(reason_);
  if (is_between_requests()) return close(CloseReason::peer_closed);
  input_ended_ = true;
  reject(Rejection::truncated, wants_head_only());
  write();
}

/// It was a false alarm: nothing has come.
void Session::on_empty_socket() {
  if (waits_for() == Wait::parked) return input_.release();
  if (context_.draining && !is_lingering() && is_between_requests()) close(CloseReason::drained);
}

/// The kernel takes no more: until the peer has read, nothing is read from it.
void Session::await_room() {
  context_.deadlines.wait(*this, Wait::write);
  if (std::exchange(watches_writable_, true)) return;  // the next edge comes by itself
  if (context_.readiness.watch_writable_too(socket_.get(), *this) != 0) close(CloseReason::failed);
}

void Session::write_unsent() {
  const Transfer transfer = send_now(socket_.get(), std::string_view(unsent_).substr(unsent_offset_));
  if (transfer.error != 0 && transfer.error != EAGAIN) return close(CloseReason::peer_reset);
  unsent_offset_ += transfer.size;
  if (unsent_offset_ < unsent_.size()) {
    if (transfer.size > 0) context_.deadlines.wait(*this, Wait::write);
    return;
  }
  unsent_ = {};
  if (context_.draining && !last_given_ && is_between_requests() && !has_input(socket_.get())) {
    return close(CloseReason::drained);
  }
  after_write();
}

/// Closing with input unread resets the connection, and the reset can destroy the last answer on its way. So
/// unless the client has announced that nothing will follow, the sending side is closed first and the input
/// thrown away for a while (RFC 9112 section 9.6).
void Session::finish() {
  has_unserved_ = false;
  const bool nothing_follows = input_.empty() && !has_unread_;
  if (input_ended_ || (nothing_follows && reason_ == CloseReason::client_asked)) return close(reason_);
  if (!shutdown_send(socket_.get())) return close(reason_);
  context_.deadlines.wait(*this, Wait::linger);
  linger();
}

void Session::linger() {
  lingered_ += static_cast<std::uint32_t>(input_.bytes().size());
  input_.consume(input_.bytes().size());
  if (lingered_ > Limits::max_linger_input) return close(reason_);
  if (has_unread_) take_turn();
}

void Session::on_deadline() {
  switch (waits_for()) {
    case Wait::linger: return close(reason_);
    case Wait::write: return close(CloseReason::write_timeout);
    case Wait::idle:
    case Wait::parked: return close(CloseReason::idle_timeout);
    case Wait::head: reason_ = CloseReason::header_timeout; break;
    case Wait::body: reason_ = CloseReason::body_timeout; break;
  }
  if (is_between_requests()) return close(reason_);
  const std::string_view bytes = context_.responses.bytes(http::CannedResponses::id_of(Rejection::timed_out),
                                                          Persistence::close, wants_head_only());
  if (send_now(socket_.get(), bytes).error != 0) return close(reason_);
  finish();
}

void Session::park() {
  context_.deadlines.park(*this);
  input_.release();
}

void Session::drain() {
  if (is_lingering() || is_blocked() || !is_between_requests()) return;
  if (!has_unread_ && !has_input(socket_.get())) close(CloseReason::drained);
}

void Session::cut() {
  close(is_lingering() ? reason_ : CloseReason::cut);
}

void Session::close(CloseReason reason) {
  ++context_.counters.closed[static_cast<std::size_t>(reason)];
  delete this;
}

}  // namespace chopin::server
