// The part of Session that ends connections.
#include <algorithm>
#include <exception>
#include <utility>

#include "connection/pace.hpp"
#include "connection/session.hpp"

namespace chopin::connection {

using http::Rejection;

// ---- Peers that have too many connections, or send slowly. ----

/// Before there is a session: an address that has too much must not take the place of others.
http::Rejection Session::judge_address(const Peer& peer, const SharedRoutes& shared) noexcept {
  if (shared.requests_of_addresses != nullptr && shared.requests_of_addresses->is_used_up(peer)) {
    return Rejection::address_too_fast;
  }
  if (shared.addresses != nullptr && !shared.addresses->take(peer)) return Rejection::address_full;
  return Rejection::none;
}

void Session::refuse(Connection connection, Rejection rejection, WorkerServices& worker) noexcept {
  worker.rejections.write(rejection, connection.peer);
  worker.counters.count(rejection);
  ++worker.counters.connections;
  worker.counters.count(CloseReason::address_limit);
  const auto response =
      worker.prebuilt.bytes(http::PrebuiltResponses::id_of(rejection), http::Persistence::close, false);
  worker.refusals.refuse(std::move(connection.socket), response);
  connection.slot = {};  // given back before others are told
  worker.session_ended();
}

/// The body timeout restarts only on progress. A part of a chunk line or trailer section is none.
void Session::await_body() {
  account();
  if (!http_.take_body_progress() && wait_ == Wait::body) return;
  note_body_wait();
  start_to_wait(Wait::body);
  if (http_.is_body_too_slow()) context_.worker.deadlines.expire_soon(*this);
}

void Session::note_body_wait() noexcept {
  http_.note_body_wait(wait_ == Wait::body ? context_.worker.deadlines.ticks_since_start(*this) : 0);
}

/// The first head's deadline began with the accept, but it may be slow only from its first byte on.
void Session::await_rest_of_head() {
  account();
  const std::uint32_t now = context_.worker.loop.clock().now();
  if (!had_request_ && progress_ == 0) progress_ = now;
  Pace pace(context_.limits);
  pace.note(input().bytes().size(),
            had_request_ ? context_.worker.deadlines.ticks_since_start(*this) : now - progress_);
  if (pace.is_too_slow()) context_.worker.deadlines.expire_soon(*this);
}

// ---- The end of the input, of the connection, and of its time. ----

void Session::on_end_of_input() {
  input_ = Input::ended;
  if (is_lingering()) return close(http_.reason());
  if (http_.is_idle()) return close(CloseReason::peer_closed);
  if (http_.is_with_handler()) return refuse_parts(Rejection::truncated);
  http_.reject_truncated();
  write();
}

/// Closing a socket with unread input resets the connection, and the client may lose the last response. So
/// if there is some, or more is likely because a request was refused, only sending is shut down at first, and
/// input is discarded for a while (RFC 9112 section 9.6).
void Session::finish() {
  has_unserved_ = false;
  const CloseReason reason = http_.reason();
  if (input_ == Input::ended || !may_have_input(reason)) return close(reason);
  if (!stream_.shut_down_sending()) return close(reason);
  since_ = context_.worker.loop.clock().now();
  start_to_wait(Wait::linger);
  linger();
}

bool Session::may_have_input(CloseReason reason) noexcept {
  if (!input().empty() || has_unread()) return true;
  switch (reason) {
    case CloseReason::client_asked: return false;  // it has said that nothing follows
    case CloseReason::request_limit:
    case CloseReason::age_limit:
    case CloseReason::evicted:
    case CloseReason::memory:
    case CloseReason::drained: return stream_.has_input();
    default: return true;
  }
}

/// Discards the input. The deadline is restarted only while it ends within the time in all.
void Session::linger() {
  constexpr auto last_restart =
      static_cast<std::uint32_t>((Timeouts::linger_in_all - Timeouts::linger) / Timeouts::tick);
  const bool brought_input = !input().empty();
  input().consume(input().bytes().size());
  input().give_back();
  const std::uint32_t lingered = context_.worker.loop.clock().now() - since_;
  if (brought_input && lingered <= last_restart) start_to_wait(Wait::linger);
  if (has_unread()) await_turn();
}

void Session::on_deadline() noexcept try { expire(); } catch (const std::exception&) {
  fail();
}

void Session::expire() {
  if (is_put_off()) return start_to_wait(wait_);
  switch (wait_) {
    case Wait::linger: return give_up(http_.reason());
    case Wait::drain_linger: return close(http_.reason());
    // epoll reports room only once half of what may wait unsent is gone. A slow reader may have made less.
    case Wait::write: return write_outbox(true);
    case Wait::idle: return end_idle(CloseReason::idle_timeout);
    case Wait::drain_first:
    case Wait::drain_next: return end_idle(CloseReason::drained);
    case Wait::handler: return expire_handler();
    case Wait::stream: return;
    case Wait::head:
    case Wait::body: break;
  }
  if (http_.is_with_handler()) return refuse_parts(Rejection::timed_out);
  const CloseReason reason = wait_ == Wait::body ? CloseReason::body_timeout : CloseReason::header_timeout;
  if (http_.is_idle()) return end_idle(reason);
  http_.reject(Rejection::timed_out, reason);
  write();
}

/// The handler, which reads the body in parts, gets no more of it.
void Session::refuse_parts(Rejection rejection) {
  Deadline::stop();
  has_unserved_ = http_.refuse_parts(rejection) == Http1::Step::awaits_handler;
  input().give_back();
  write();
}

void Session::expire_handler() {
  if (!http_.awaits_handler()) return Deadline::stop();  // it has responded just now, and waits for its turn
  http_.expire_handler();
  write();
}

/// Closes the connection unless a request has arrived at this very moment, or a slow client still takes the
/// last responses. In a drain, what is on its way to it is left to the kernel.
void Session::end_idle(CloseReason reason) {
  const bool has_input = stream_.has_input();
  if (!has_input && reason == CloseReason::drained) return close(reason);
  if (!has_input && !takes_responses()) return give_up(reason);
  context_.worker.deadlines.start(*this, wait_);
  if (has_input) await_turn();
}

/// Whether there are responses in the kernel, and the peer has taken some since it was asked last, not more
/// slowly than it may.
bool Session::takes_responses() noexcept {
  const auto left = static_cast<std::uint32_t>(stream_.unacknowledged());
  const std::uint32_t before = std::exchange(progress_, left);
  if (left == 0 || before == 0) return left != 0;
  Pace pace(context_.limits);
  pace.note(before - std::min(before, left), context_.worker.deadlines.ticks_since_start(*this));
  return left < before && !pace.is_too_slow();
}

bool Session::is_over_age() const noexcept {
  const std::uint32_t oldest = context_.worker.oldest;
  return oldest != 0 && context_.worker.loop.clock().now() - since_ >= oldest;
}

void Session::start_to_wait(Wait wait) noexcept {
  if (holds_memory()) [[unlikely]]
    account();
  wait_ = context_.worker.draining ? in_drain(wait) : wait;
  context_.worker.deadlines.start(*this, wait_);
}

Wait Session::in_drain(Wait wait) const noexcept {
  if (wait == Wait::linger) return Wait::drain_linger;
  if (!can_be_drained()) return wait;
  return had_request_ ? Wait::drain_next : Wait::drain_first;
}

void Session::drain() noexcept {
  if (is_lingering()) return start_to_wait(Wait::linger);
  if (can_be_drained()) start_to_wait(Wait::idle);
}

void Session::cut() {
  if (is_lingering()) return close(http_.reason());
  if (can_be_drained() && !stream_.has_input()) return close(CloseReason::drained);
  give_up(CloseReason::cut);
}

/// Called for an exception, most likely std::bad_alloc.
void Session::fail() noexcept {
  context_.burst.output.clear();  // it must not be sent on the next connection
  close(CloseReason::failed);
}

void Session::give_up(CloseReason reason) {
  stream_.reset_if_unsent();
  close(reason);
}

void Session::close(CloseReason reason) {
  context_.worker.counters.count(reason);
  delete this;
}

}  // namespace chopin::connection
