#include "server/session.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "http/characters.hpp"
#include "server/socket_calls.hpp"

namespace chopin::server {
namespace {

namespace asio = boost::asio;
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

void Session::start(Socket socket, SessionContext& context) {
  auto* const session = new Session(std::move(socket), context);  // deletes itself, see close()
  session->read();
  if (context.draining) session->drain();
}

Session::Session(Socket socket, SessionContext& context) : context_(context), socket_(std::move(socket)) {
  ++context_.sessions;
  ++context_.counters.connections;
  context_.deadlines.wait(*this, Wait::head);
}

Session::~Session() {
  Deadlines::remove(*this);
  --context_.sessions;
  context_.session_ended();
}

bool Session::resume() {
  awaits_completion_ = false;
  if (stage_ != Stage::closed) [[likely]]
    return true;
  delete this;
  return false;
}

// ---- The hot path: read, serve, write. bench/instructions watches it. ----

void Session::read() {
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
  const std::span<char> space = input_.prepare(Limits::first_read_buffer, input_limit(context_.limits));
  socket_.async_read_some(asio::buffer(space.data(), space.size()), completes_with<&Session::on_read>());
}

void Session::on_read(const error_code& ec, std::size_t size) {
  if (!resume()) return;
  if (ec) [[unlikely]]
    return on_read_error(ec);
  input_.commit(size);
  if (stage_ == Stage::lingering) [[unlikely]] {
    lingered_ += size;
    return lingered_ > Limits::max_linger_input ? close(reason_) : linger();
  }
  serve();
}

void Session::serve() {
  Step step = Step::answered;
  while (step == Step::answered && context_.output.size() < Limits::max_pending_output) step = serve_next();
  needs_input_ = step == Step::needs_input;
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
    const SendResult result = send_now(socket_.native_handle(), bytes);
    output.clear();
    if (result.sent < bytes.size()) [[unlikely]] {
      if (result.failed) return close(CloseReason::peer_reset);
      unsent_.assign(bytes.substr(result.sent));
      unsent_offset_ = 0;
      return write_unsent();
    }
  }
  after_write();
}

void Session::after_write() {
  if (last_given_) [[unlikely]]
    return finish();
  if (!needs_input_) [[unlikely]]
    return yield();
  if (context_.draining && is_between_requests()) [[unlikely]]
    return close(CloseReason::drained);
  read();
}

// ---- Rarer things. ----

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

void Session::on_read_error(const error_code& ec) {
  if (ec == asio::error::operation_aborted && waits_for() == Wait::parked) {
    input_.release();
    socket_.async_wait(Socket::wait_read, completes_with<&Session::on_readable>());
    return;
  }
  if (stage_ == Stage::lingering) return close(reason_);
  if (ec != asio::error::eof) return close(CloseReason::peer_reset);
  if (is_between_requests()) return close(CloseReason::peer_closed);
  peer_finished_ = true;
  reject(Rejection::truncated, wants_head_only());
  write();
}

void Session::on_readable(const error_code& ec) {
  if (!resume()) return;
  if (ec) return close(CloseReason::peer_reset);
  read();
}

void Session::write_unsent() {
  context_.deadlines.wait(*this, Wait::write);
  socket_.async_write_some(asio::buffer(unsent_.data() + unsent_offset_, unsent_.size() - unsent_offset_),
                           completes_with<&Session::on_written>());
}

void Session::on_written(const error_code& ec, std::size_t size) {
  if (!resume()) return;
  if (ec) return close(CloseReason::peer_reset);
  unsent_offset_ += size;
  if (unsent_offset_ < unsent_.size()) return write_unsent();
  unsent_ = {};
  after_write();
}

/// More requests are in the buffer, but the neighbours come first.
void Session::yield() {
  context_.deadlines.wait(*this, Wait::idle);
  asio::post(socket_.get_executor(), completes_with<&Session::on_turn>());
}

void Session::on_turn() {
  if (resume()) serve();
}

/// Closing with input unread resets the connection, and the reset can destroy the last answer on its way. So
/// unless the client has announced that nothing will follow, the sending side is closed first and the input
/// thrown away for a while (RFC 9112 section 9.6).
void Session::finish() {
  const bool nothing_follows = input_.empty() && !input_.is_filled();
  if (peer_finished_ || (reason_ == CloseReason::client_asked && nothing_follows)) return close(reason_);
  error_code ec;
  socket_.shutdown(Socket::shutdown_send, ec);
  if (ec) return close(reason_);
  stage_ = Stage::lingering;
  context_.deadlines.wait(*this, Wait::linger);
  linger();
}

void Session::linger() {
  input_.consume(input_.bytes().size());
  const std::span<char> space = input_.prepare(Limits::first_read_buffer, Limits::first_read_buffer);
  socket_.async_read_some(asio::buffer(space.data(), space.size()), completes_with<&Session::on_read>());
}

void Session::on_deadline() {
  switch (waits_for()) {
    case Wait::linger: return close(reason_);
    case Wait::write: return close(CloseReason::write_timeout);
    case Wait::idle:
    case Wait::parked: return close(CloseReason::idle_timeout);
    case Wait::head:
    case Wait::body: break;
  }
  const CloseReason reason =
      waits_for() == Wait::body ? CloseReason::body_timeout : CloseReason::header_timeout;
  if (is_between_requests() || !awaits_completion_) return close(reason);
  // The read under way goes on, and lingers from here.
  const std::string_view bytes = context_.responses.bytes(http::CannedResponses::id_of(Rejection::timed_out),
                                                          Persistence::close, wants_head_only());
  error_code ec;
  if (!send_now(socket_.native_handle(), bytes).failed) socket_.shutdown(Socket::shutdown_send, ec);
  if (ec) return close(reason);
  reason_ = reason;
  stage_ = Stage::lingering;
  context_.deadlines.wait(*this, Wait::linger);
}

void Session::park() {
  context_.deadlines.park(*this);
  error_code ec;
  socket_.cancel(ec);  // on_read_error goes on
}

void Session::drain() {
  if (stage_ != Stage::serving || waits_for() == Wait::write || !is_between_requests()) return;
  error_code ec;
  if (socket_.available(ec) == 0) close(CloseReason::drained);
}

void Session::cut() {
  close(stage_ == Stage::lingering ? reason_ : CloseReason::cut);
}

void Session::close(CloseReason reason) {
  ++context_.counters.closed[static_cast<std::size_t>(reason)];
  stage_ = Stage::closed;
  Deadlines::remove(*this);
  error_code ec;
  socket_.close(ec);
  if (!awaits_completion_) delete this;
}

}  // namespace chopin::server
