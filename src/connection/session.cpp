#include "connection/session.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

namespace chopin::connection {

using Writing = Http1::Writing;

namespace {

/// Why the connection is gone if the socket says so. ETIMEDOUT: what it has sent was not taken in time, see
/// system::SendBounds.
CloseReason reason_of(int error) noexcept {
  return error == ETIMEDOUT ? CloseReason::write_timeout : CloseReason::peer_reset;
}

}  // namespace

void Session::start(Connection connection, SessionContext& context) {
  const http::Rejection rejection = judge_address(connection.peer, context.shared);
  if (rejection != http::Rejection::none) return refuse(std::move(connection), rejection, context.worker);
  const bool brings_input = connection.brings_input;
  const Peer peer = connection.peer;
  auto* const session =
      new (std::nothrow) Session(std::move(connection), context);  // deletes itself, see close()
  if (session == nullptr) {
    if (context.shared.addresses != nullptr) context.shared.addresses->give_back(peer);
    throw std::bad_alloc();
  }
  const int error = context.worker.loop.watch(session->stream_.descriptor(), *session);
  if (error != 0) {
    session->close(CloseReason::failed);
    throw std::system_error(error, std::generic_category(), "epoll_ctl");
  }
  if (brings_input) session->on_events(loop::Events(EPOLLIN));
}

Session::Session(Connection connection, SessionContext& context)
    : ResponseTarget(connection.peer),
      stream_(std::move(connection.socket)),
      since_(context.worker.loop.clock().now()),
      context_(context),
      held_(when_idle),
      http_(context, *this) {
  connection.slot.release();  // the destructor gives it back
  context_.worker.memory.change({}, held_);
  context_.worker.sessions.push_back(*this);
  ++context_.worker.counters.connections;
  wait(Wait::head);
}

Session::~Session() {
  context_.worker.loop.forget(*this);
  SessionHook::unlink();
  context_.worker.memory.change(held_, {});
  stream_.close();  // before its slot is given back
  if (context_.shared.addresses != nullptr) context_.shared.addresses->give_back(peer());
  context_.worker.connections.give_back();
  context_.worker.session_ended();
}

// ---- The hot path, from the top down: read, serve, write. bench/run instructions watches it. ----

void Session::on_events(loop::Events events) noexcept try { handle(events); } catch (const std::exception&) {
  fail();
}

[[gnu::always_inline]] inline void Session::handle(loop::Events events) {
  if (events.peer_finished()) [[unlikely]]
    input_ = std::max(input_, Input::finished);
  if (is_busy()) [[unlikely]]
    return handle_while_busy(events);
  if (events.readable()) [[likely]]
    read();
}

void Session::read() {
  const std::span<char> space = input().prepare(context_.burst.input, context_.most_input);
  const system::Transfer transfer = stream_.receive(space);
  if (transfer.size == 0) [[unlikely]] {
    input().give_back();
    if (transfer.error == 0) return on_end_of_input();
    if (transfer.error == EAGAIN) {
      input_ = Input::open;
      if (http_.is_with_handler()) serve();  // it may have written something
      return;
    }
    return close(is_lingering() ? http_.reason() : reason_of(transfer.error));
  }
  // A read shorter than its space has emptied the socket: later bytes are a new event. But a FIN that was
  // reported before has no further event, so `finished` stays.
  if (input_ != Input::finished) [[likely]]
    input_ = transfer.size == space.size() ? Input::unread : Input::open;
  input().commit(transfer.size);
  if (is_lingering()) [[unlikely]]
    return linger();
  serve();
}

[[gnu::always_inline]] inline void Session::serve() {
  using Step = Http1::Step;
  const Step step = http_.serve();
  input().give_back();
  has_unserved_ = step <= Step::awaits_handler;
  if (step == Step::responded_with_body) [[unlikely]]
    return write_with_body();
  write_now();
}

[[gnu::always_inline]] inline void Session::write_now() {
  ByteBuffer& output = context_.burst.output.bytes();
  if (output.size() > 0) [[likely]] {
    const system::Transfer transfer = stream_.send(output.bytes());
    if (transfer.size < output.size()) [[unlikely]]
      return keep_unsent(transfer);
    output.clear();
  }
  after_write();
}

void Session::write() {
  write_now();
}

void Session::after_write() {
  if (http_.writing() != Writing::idle) [[unlikely]]
    return after_write_while_busy();
  await_input();
  if (has_unread() || has_unserved_) [[unlikely]]
    await_next_turn();
}

void Session::await_next_turn() noexcept {
  account();
  await_turn();
}

[[gnu::always_inline]] inline void Session::await_input() {
  const bool responded = http_.take_responded();
  had_request_ |= responded;
  const Wait awaited = awaited_input();
  if (awaited == Wait::idle) [[likely]]
    return wait(Wait::idle);
  if (awaited == Wait::body) [[unlikely]]
    return await_body();
  // The header timeout runs from the first byte of a head, every other wait from now.
  if (awaited == Wait::head && !responded && wait_ == Wait::head) [[unlikely]]
    return await_rest_of_head();
  wait(awaited);
}

[[gnu::always_inline]] inline Wait Session::awaited_input() const noexcept {
  switch (http_.reading()) {
    case Http1::Reading::between_requests: return had_request_ ? Wait::idle : Wait::head;
    case Http1::Reading::in_head: return Wait::head;
    case Http1::Reading::in_body: return Wait::body;
    case Http1::Reading::done: break;
  }
  return Wait::linger;
}

[[gnu::always_inline]] inline void Session::wait(Wait wait) noexcept {
  if (wait == wait_ && context_.worker.deadlines.has_just_started(*this)) [[likely]]
    return;
  start_to_wait(wait);
}

// ---- Turns, and later handlers. Nothing is read until the handler has responded. ----

void Session::handle_while_busy(loop::Events events) {
  if (events.readable()) {
    input_ = std::max(input_, Input::unread);
    account();
  }
  if (is_blocked()) {
    if (events.writable()) write_outbox();
    return;
  }
  if (Task::is_linked()) return;
  if (events.broken()) return close(CloseReason::peer_reset);
  if (http_.wants_input()) return read();
  if (events.peer_finished()) http_.tell_client_gone();
}

void Session::after_write_while_busy() {
  if (http_.writing() == Writing::ended) return finish();
  account();
  http_.on_room();
  if (http_.awaits_handler()) return await_handler();
  wait(Wait::handler);  // no longer for the peer to read
  await_turn();         // its response came while the connection was blocked
}

void Session::run() noexcept {
  loop::FairTurns& turns = context_.worker.loop.turns();
  if (!turns.is_watching()) return go_on();
  turns.take_turn(*this, [this] { go_on(); });
}

void Session::go_on() noexcept try { serve_rest(); } catch (const std::exception&) {
  fail();
}

void Session::serve_rest() {
  if (is_blocked()) return;  // serving goes on once the peer reads
  if (http_.wants_input() && has_unread()) return read();
  if (has_unserved_) return serve();
  read();
}

void Session::await_handler() {
  if (http_.wants_input()) {
    await_body();
    if (has_unread()) await_turn();
    return;
  }
  note_body_wait();
  wait(http_.writing() == Writing::streaming ? Wait::stream : Wait::handler);
  if (input_ == Input::finished) http_.tell_client_gone();
}

/// Only asks for a turn: another session may be using the burst's output now.
void Session::on_response() noexcept {
  context_.worker.loop.run_next_round(*this);
}

// ---- Turns that take long: see loop::FairTurns. ----

void Session::await_turn() noexcept {
  loop::EventLoop& loop = context_.worker.loop;
  if (!loop.turns().is_watching()) return loop.run_next_round(*this);
  loop.run_after_others(*this, cost());
}

/// Who has been served, and not at length, need not wait. What the end of a body brings is not known before.
bool Session::puts_off(loop::Events events, bool round_is_long) noexcept {
  if (is_busy() || is_lingering() || !events.readable()) return false;
  const bool is_known = had_request_ && http_.is_idle();
  if (!is_costly() && (is_known || !round_is_long)) return false;
  input_ = std::max(input_, events.peer_finished() ? Input::finished : Input::unread);
  context_.worker.loop.run_after_others(*this, cost());
  return true;
}

/// A short turn pays back one share of the time of a turn. One that reads a part of a body says nothing of
/// its end.
void Session::on_turn_end(std::uint64_t shares) noexcept {
  if (shares > 0) {
    debt_ = static_cast<std::uint8_t>(std::min(debt_ + shares, most_debt));
  } else if (debt_ > 0 && http_.is_idle()) {
    --debt_;
  }
}

// ---- Output that the kernel does not take at once. Nothing is read until the kernel has taken it all. ----

/// The output ends with a shared body, which is sent without copying. More requests may be in the input.
void Session::write_with_body() {
  Output& output = context_.burst.output;
  has_unserved_ = true;
  const system::Transfer transfer = Outbox::send(stream_, output);
  if (transfer.size < output.size()) return keep_unsent(transfer);
  output.clear();
  after_write();
}

void Session::keep_unsent(system::Transfer transfer) {
  Output& output = context_.burst.output;
  if (transfer.has_failed()) {
    output.clear();
    return close(reason_of(transfer.error));
  }
  outbox_ = std::make_unique<Outbox>(output, transfer.size, context_.limits, stream_.unacknowledged());
  output.clear();
  wait(Wait::write);
  account();
  if (watches_writable_) return;  // epoll reports writable edges from then on
  watches_writable_ = true;
  if (context_.worker.loop.watch_writable_too(stream_.descriptor(), *this) != 0) close(CloseReason::failed);
}

void Session::write_outbox(bool time_is_over) {
  const system::Transfer transfer = outbox_->send(stream_);
  if (transfer.has_failed()) return close(reason_of(transfer.error));
  if (!outbox_->empty()) return await_reader(time_is_over);
  outbox_.reset();
  after_write();
}

/// By what the peer has acknowledged: the kernel takes more than it reads.
void Session::await_reader(bool time_is_over) {
  account();
  const std::uint32_t ticks = context_.worker.deadlines.ticks_since_start(*this);
  if (ticks == 0) return;
  const std::size_t taken = outbox_->take_progress(stream_.unacknowledged());
  if (taken == 0 && !time_is_over) return;
  outbox_->pace().note(taken, ticks);
  if (taken == 0 || outbox_->pace().is_too_slow()) return give_up(CloseReason::write_timeout);
  wait(Wait::write);
}

}  // namespace chopin::connection
