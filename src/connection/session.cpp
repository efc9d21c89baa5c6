#include "connection/session.hpp"

#include <cerrno>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

namespace chopin::connection {

using http::Rejection;

void Session::start(Connection connection, SessionContext& context) {
  const bool brings_input = connection.brings_input;
  auto* const session = new Session(std::move(connection), context);  // deletes itself, see close()
  if (const int error = context.loop.watch(session->connection_.socket.get(), *session); error != 0) {
    session->close(CloseReason::failed);
    throw std::system_error(error, std::generic_category(), "epoll_ctl");
  }
  if (context.draining) return session->drain();
  if (brings_input) session->on_events(loop::Events(EPOLLIN));
}

Session::Session(Connection connection, SessionContext& context)
    : context_(context), connection_(std::move(connection)), protocol_(context, *this) {
  context_.sessions.push_back(*this);
  ++context_.counters.connections;
  wait(Wait::head);
}

Session::~Session() {
  context_.loop.forget(*this);
  SessionHook::unlink();
  connection_ = {};  // before the others are told that there is room
  context_.session_ended();
}

// ---- The hot path: read, serve, write. bench/instructions watches it. ----

void Session::on_events(loop::Events events) noexcept try { handle(events); } catch (const std::exception&) {
  fail();
}

[[gnu::always_inline]] inline void Session::handle(loop::Events events) {
  peer_finished_ |= events.peer_finished();
  if (is_blocked() || Task::is_linked()) [[unlikely]] {
    has_unread_ |= events.readable();
    if (is_blocked() && events.writable()) write_unsent();
    return;
  }
  if (protocol_.awaits_handler()) [[unlikely]]
    return on_events_while_handled(events);
  if (events.readable()) [[likely]]
    read();
}

void Session::read() {
  const std::span<char> space = input().prepare(context_.input, context_.most_input);
  const system::Transfer transfer = system::receive_now(connection_.socket.get(), space);
  if (transfer.size == 0) [[unlikely]] {
    input().give_back();
    has_unread_ = false;
    if (transfer.error == 0) return on_end_of_input();
    if (transfer.error == EAGAIN) return on_empty_socket();
    return close(is_lingering() ? protocol_.reason() : CloseReason::peer_reset);
  }
  // Less than there was room for: the socket is empty, and what comes later is a new event. A FIN is not.
  has_unread_ = transfer.size == space.size() || peer_finished_;
  input().commit(transfer.size);
  if (is_lingering()) [[unlikely]]
    return linger();
  serve();
}

void Session::serve() {
  using Step = Protocol::Step;
  const Step step = protocol_.serve();
  input().give_back();
  has_unserved_ = step == Step::answered || step == Step::awaits_handler;
  write();
}

void Session::write() {
  ByteBuffer& output = context_.output;
  if (output.size() > 0) [[likely]] {
    const std::string_view bytes = output.bytes();
    const system::Transfer transfer = system::send_now(connection_.socket.get(), bytes);
    if (transfer.size < bytes.size()) [[unlikely]] {
      if (transfer.error != 0 && transfer.error != EAGAIN) {
        output.clear();
        return close(CloseReason::peer_reset);
      }
      unsent_.assign(bytes.substr(transfer.size));
      unsent_offset_ = 0;
      output.clear();
      return await_room();
    }
    output.clear();
  }
  after_write();
}

void Session::after_write() {
  if (protocol_.has_given_last()) [[unlikely]]
    return finish();
  if (protocol_.awaits_handler()) [[unlikely]]
    return await_handler();
  await_input();
  if (has_unread_ || has_unserved_) [[unlikely]]
    take_turn();
}

void Session::await_input() {
  const bool answered = protocol_.take_answered();
  had_request_ |= answered;
  Wait wait = Wait::idle;
  if (protocol_.awaits_body()) {
    // Of a chunk line or a trailer section nothing is used up before it is complete.
    if (!protocol_.take_body_progress() && wait_ == Wait::body) return;
    wait = Wait::body;
  } else if (!input().empty() || !had_request_) {
    wait = Wait::head;
  }
  // The header timeout runs from the first byte of a head, every other wait from now.
  if (wait != Wait::head || answered || wait_ != Wait::head) this->wait(wait);
}

[[gnu::always_inline]] inline void Session::wait(Wait wait) noexcept {
  if (wait == wait_ && context_.deadlines.has_just_started(*this)) [[likely]]
    return;
  wait_ = wait;
  context_.deadlines.start(*this, wait);
}

// ---- Rarer things. ----

/// There is more to do, but the neighbours come first.
void Session::take_turn() {
  context_.loop.run_next_round(*this);
}

void Session::run() noexcept try { go_on(); } catch (const std::exception&) {
  fail();
}

void Session::go_on() {
  if (is_blocked()) return;  // serving goes on once the peer reads
  if (has_unserved_) return serve();
  read();
}

/// Memory has run out, most likely.
void Session::fail() noexcept {
  context_.output.clear();  // what was gathered for this connection must not go to the next one
  close(CloseReason::failed);
}

// ---- A handler that answers later. Until it has, nothing is read. ----

void Session::await_handler() {
  wait(Wait::handler);
  if (peer_finished_) protocol_.tell_client_gone();
}

void Session::on_events_while_handled(loop::Events events) {
  has_unread_ |= events.readable();
  if (events.broken()) return close(CloseReason::peer_reset);
  if (events.peer_finished()) protocol_.tell_client_gone();
}

/// May be called while another connection's answers are being gathered.
void Session::on_response() noexcept {
  take_turn();
}

// ---- The end of the input, and of room for the output. ----

void Session::on_end_of_input() {
  if (is_lingering()) return close(protocol_.reason());
  if (protocol_.is_between_requests()) return close(CloseReason::peer_closed);
  input_ended_ = true;
  protocol_.reject_truncated();
  write();
}

/// It was a false alarm: nothing has come.
void Session::on_empty_socket() {
  if (context_.draining && !is_lingering() && protocol_.is_between_requests()) close(CloseReason::drained);
}

/// The kernel takes no more: until the peer has read, nothing is read from it.
void Session::await_room() {
  wait(Wait::write);
  if (std::exchange(watches_writable_, true)) return;  // the next edge comes by itself
  const int error = context_.loop.watch_writable_too(connection_.socket.get(), *this);
  if (error != 0) close(CloseReason::failed);
}

void Session::write_unsent(bool time_is_over) {
  const system::Transfer transfer =
      system::send_now(connection_.socket.get(), std::string_view(unsent_).substr(unsent_offset_));
  if (transfer.error != 0 && transfer.error != EAGAIN) return close(CloseReason::peer_reset);
  unsent_offset_ += transfer.size;
  if (unsent_offset_ < unsent_.size()) {
    if (transfer.size > 0) return wait(Wait::write);
    if (time_is_over) close(CloseReason::write_timeout);
    return;
  }
  std::string().swap(unsent_);  // an assignment would keep the memory
  if (context_.draining && !protocol_.has_given_last() && protocol_.is_between_requests() &&
      !system::has_input(connection_.socket.get())) {
    return close(CloseReason::drained);
  }
  after_write();
}

/// Closing with input unread resets the connection, and the reset can destroy the last answer on its way. So
/// unless the client has announced that nothing will follow, the sending side is closed first and the input
/// thrown away for a while (RFC 9112 section 9.6).
void Session::finish() {
  has_unserved_ = false;
  const CloseReason reason = protocol_.reason();
  const bool nothing_follows = input().empty() && !has_unread_;
  if (input_ended_ || (nothing_follows && reason == CloseReason::client_asked)) return close(reason);
  if (!system::shutdown_send(connection_.socket.get())) return close(reason);
  wait(Wait::linger);
  linger();
}

void Session::linger() {
  lingered_ += static_cast<std::uint32_t>(input().bytes().size());
  input().consume(input().bytes().size());
  input().give_back();
  if (lingered_ > Limits::max_linger_input) return close(protocol_.reason());
  if (has_unread_) take_turn();
}

void Session::on_deadline() noexcept try {
  const Wait wait = wait_;
  if (wait == Wait::linger) return close(protocol_.reason());
  // The kernel tells of room only once a third of its buffer is free: a slow reader may have made some.
  if (wait == Wait::write) return write_unsent(true);
  if (wait == Wait::idle) return close(CloseReason::idle_timeout);
  const CloseReason reason = wait == Wait::body ? CloseReason::body_timeout : CloseReason::header_timeout;
  if (protocol_.is_between_requests()) return close(reason);
  protocol_.reject(Rejection::timed_out, reason);
  write();
} catch (const std::exception&) {
  fail();
}

void Session::drain() {
  if (is_lingering() || is_blocked() || !protocol_.is_between_requests()) return;
  if (!has_unread_ && !system::has_input(connection_.socket.get())) close(CloseReason::drained);
}

void Session::cut() {
  close(is_lingering() ? protocol_.reason() : CloseReason::cut);
}

void Session::close(CloseReason reason) {
  ++context_.counters.closed[static_cast<std::size_t>(reason)];
  delete this;
}

}  // namespace chopin::connection
