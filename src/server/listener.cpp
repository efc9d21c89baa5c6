#include "server/listener.hpp"

#include <cerrno>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

#include "chopin/response.hpp"
#include "http/http_date.hpp"
#include "http/rejection.hpp"
#include "http/response_writer.hpp"

namespace chopin::server {
namespace {

/// How many connections are accepted before the open ones are served again.
constexpr int batch_size = 64;

/// From this many connections per tick on it pays to let the kernel wait for their first bytes.
constexpr int many_in_a_tick = 1000;

/// How many connections are accepted at most after the stop signal. More than any backlog, but limited, so
/// that a peer that keeps connecting cannot prevent the stop.
constexpr int most_at_the_end = 65536;

// Why no more is accepted, beside errno values, which are positive.
constexpr int at_limit = -1;    // no slot is free
constexpr int not_served = -2;  // `on_connection` has failed

/// Without a Date: it need not have one (RFC 9110 section 6.6.1).
std::string no_room_response() {
  Response response;
  response.error(503, "the server has no room for another connection; try again");
  response.field("Retry-After", http::retry_after);
  const http::HttpDate date(0);
  const http::ResponseWriter writer{
      .response = response, .date = date, .persistence = http::Persistence::close};
  std::string text(writer.most_bytes(), ' ');
  text.resize(static_cast<std::size_t>(writer.write(text.data()) - text.data()));
  const std::size_t line = text.find("Date: ");
  return text.erase(line, text.find("\r\n", line) + 2 - line);
}

bool is_empty_queue(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK;
}

bool was_abandoned(int error) noexcept {
  return error == ENOTSOCK;
}

}  // namespace

Listener::Listener(system::Descriptor socket, const Owner& owner, loop::EventLoop& loop)
    : socket_(std::move(socket)), owner_(owner), loop_(loop), no_room_(no_room_response()) {}

void Listener::wait() {
  loop_.require_watch(socket_.get(), *this);
}

void Listener::resume() noexcept {
  waits_for_room_ = false;
  if (std::exchange(paused_, false) && socket_.is_open()) loop_.run_next_round(*this);
}

void Listener::on_tick() noexcept {
  const bool defers = std::exchange(accepted_in_this_tick_, 0) >= many_in_a_tick;
  if (defers != defers_ && socket_.is_open() && system::defer_accept(socket_.get(), defers)) defers_ = defers;
  refusals_.on_tick();
  refuses_ = waits_for_room_ && owner_.when_full == WhenFull::refuse;
  resume();
}

void Listener::close() noexcept {
  if (!socket_.is_open()) return;
  {
    const std::lock_guard lock(end_mutex_);
    has_stopped_ = true;
  }
  ignores_limit_ = true;
  accept_batch(most_at_the_end);
  if (defers_) system::defer_accept(socket_.get(), false);  // another process may go on with the socket
  loop_.unwatch(socket_.get(), *this);
  Task::unlink();
  socket_ = {};
}

bool Listener::abandon() noexcept {
  const std::lock_guard lock(end_mutex_);  // `close` waits for it before it closes the descriptor
  if (std::exchange(has_stopped_, true)) return false;
  return loop_.abandon(socket_.get());
}

void Listener::on_events(loop::Events /*events*/) noexcept {
  if (!Task::is_linked()) accept();
}

void Listener::run() noexcept {
  accept();
}

void Listener::accept() noexcept {
  const int error = accept_batch(batch_size);
  if (error == 0) return loop_.run_next_round(*this);
  if (error == at_limit) return on_full();
  if (is_empty_queue(error) || was_abandoned(error) || error == not_served || !pause()) return;
  loop_.log().warn("accepting pauses", {{"error", std::generic_category().message(error)}});
}

void Listener::on_full() noexcept {
  if (!system::has_waiting_connection(socket_.get())) return;
  const bool is_memory = owner_.limit.memory().refuses_connections();
  if (!is_memory && owner_.make_room()) return loop_.run_next_round(*this);
  if (!is_memory && !std::exchange(waits_for_room_, true)) owner_.limit.ask_for_room();
  if (refuses_ || (is_memory && owner_.when_full == WhenFull::refuse)) {
    if (refuse_batch(batch_size) == 0) loop_.run_next_round(*this);
    return;
  }
  if (!pause()) return;
  loop_.log().warn(is_memory ? "accepting pauses: memory is short"
                             : "accepting pauses: the limit of connections is reached",
                   {{"connections", owner_.limit.most()}});
}

int Listener::refuse_batch(int most) noexcept {
  for (int i = 0; i < most; ++i) {
    system::Accepted accepted = system::accept_now(socket_.get());
    if (accepted.error == 0) {
      ++owner_.refused;
      refusals_.refuse(std::move(accepted.socket), no_room_);
    } else if (!system::is_about_one_connection(accepted.error)) {
      return accepted.error;
    }
  }
  return 0;
}

int Listener::accept_batch(int most) noexcept {
  int last_error = 0;
  bool has_accepted = false;
  for (int i = 0; i < most; ++i) {
    connection::ConnectionSlot slot = owner_.limit.take();
    if (!slot.is_taken() && !ignores_limit_) return at_limit;
    system::Accepted accepted = system::accept_now(socket_.get());
    if (accepted.error == 0) {
      ++accepted_in_this_tick_;
      has_accepted = true;
      try {
        refuses_ = false;
        owner_.on_connection({.slot = std::move(slot),
                              .socket = std::move(accepted.socket),
                              .peer = accepted.peer,
                              .brings_input = defers_});
      } catch (const std::exception& error) {
        if (pause()) loop_.log().warn("accepting pauses", {{"error", error.what()}});
        return not_served;
      }
    } else if (!system::is_about_one_connection(accepted.error)) {
      return accepted.error;
    }
    last_error = accepted.error;
  }
  return has_accepted ? 0 : last_error;  // if it comes back for ever, the worker must not spin
}

bool Listener::pause() noexcept {
  paused_ = true;
  constexpr std::chrono::seconds between_warnings{10};
  const auto now = std::chrono::steady_clock::now();
  if (now < next_warning_) return false;
  next_warning_ = now + between_warnings;
  return true;
}

}  // namespace chopin::server
