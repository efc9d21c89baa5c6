#include "data/postgres/connection.hpp"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"

namespace chopin::data::postgres {
namespace {

/// Receives in one event, before the others have their turn.
constexpr int most_receives = 16;

std::exception_ptr loss(std::string detail) noexcept try {
  return std::make_exception_ptr(DatabaseError("08006", std::move(detail)));
} catch (...) {
  return std::current_exception();
}

/// An error that says that the server is not there any more also says how many connections are.
std::exception_ptr with_state(const std::exception_ptr& error, const Connection::Owner& owner) noexcept try {
  std::rethrow_exception(error);
} catch (const DatabaseError& loss) {
  const bool is_of_server = loss.sqlstate().starts_with("08") || loss.sqlstate().starts_with("57P");
  if (!is_of_server) return error;
  try {
    return std::make_exception_ptr(DatabaseError(loss.sqlstate(), loss.detail(), owner.state()));
  } catch (...) {
    return error;
  }
} catch (...) {
  return error;
}

}  // namespace

Connection::Connection(Handle handle, Conversation::Statements statements, loop::EventLoop& loop,
                       std::span<char> space, Owner& owner)
    : loop_(loop),
      owner_(owner),
      wire_(std::move(handle)),
      conversation_(statements),
      space_(space),
      failed_(loop) {
  loop.require_watch(wire_.fd(), *this);
}

Connection::~Connection() {
  loop_.unwatch(wire_.fd(), *this);
}

void Connection::start(Batch& batch) noexcept {
  if (lost_ != nullptr) return failed_.add(batch, lost_);
  loop_.run_at_round_end(*this);
  try {
    conversation_.start(batch);
  } catch (...) {
    conversation_.withdraw(batch);
    lose(std::current_exception());
    failed_.add(batch, lost_);
  }
}

void Connection::withdraw(Batch& batch) noexcept {
  if (batch.is_held_by(&failed_)) return batch.unlink();
  conversation_.withdraw(batch);
}

void Connection::on_events(loop::Events events) noexcept {
  if (events.peer_finished()) peer_has_finished_ = true;
  if (events.writable()) flush();
  if (events.readable()) receive();
  owner_.on_change(*this);
}

/// At the end of a round, or in the next one for input that no event reports.
void Connection::run() noexcept {
  const bool has_unread = has_unread_;
  if (has_unread) receive();
  flush();
  if (has_unread || lost_ != nullptr) owner_.on_change(*this);
}

void Connection::receive() noexcept {
  has_unread_ = false;
  try {
    for (int i = 0; lost_ == nullptr; ++i) {
      if (i == most_receives) {
        has_unread_ = true;
        return loop_.run_next_round(*this);
      }
      const Wire::Moved moved = wire_.receive(space_);
      if (moved.size == 0) {
        if (!moved.would_block) lose(nullptr);
        return;
      }
      has_heard_ = true;
      take({space_.data(), moved.size});
      const bool is_short = moved.size < space_.size() && wire_.is_empty_after_short_receive();
      if (is_short && !peer_has_finished_) return;  // an event will report more
    }
  } catch (...) {
    lose(std::current_exception());
  }
}

void Connection::take(std::string_view received) {
  loop_.note_application_code();  // which the batches that complete resume
  if (unfinished_.size() == 0) {
    received.remove_prefix(conversation_.receive(received));
    unfinished_.append(received);
  } else {
    unfinished_.append(received);
    const std::size_t taken = conversation_.receive(unfinished_.bytes());
    if (taken > 0) unfinished_.erase(0, taken);  // or each part of a long message would move all before it
    if (unfinished_.size() == 0) unfinished_.clear();
  }
  if (!conversation_.fault().empty()) {
    lose(loss(fmt::format("the server does not follow the protocol: {}", conversation_.fault())));
  }
  if (conversation_.output().size() > 0) loop_.run_at_round_end(*this);
}

void Connection::flush() noexcept {
  ByteBuffer& output = conversation_.output();
  while (lost_ == nullptr && sent_ < output.size()) {
    const Wire::Moved moved = wire_.send(output.bytes().substr(sent_));
    if (moved.size > 0) {
      sent_ += moved.size;
      continue;
    }
    forget_sent();
    if (!moved.would_block) return;  // the loop will report the end, with the server's last message
    if (!std::exchange(waits_to_write_, true) && loop_.watch_writable_too(wire_.fd(), *this) != 0) {
      lose(loss("epoll_ctl has failed"));
    }
    return;
  }
  output.clear();
  sent_ = 0;
}

/// Only if it is the larger part, so that each byte is moved once: TLS takes 16 KiB at a time.
void Connection::forget_sent() noexcept {
  ByteBuffer& output = conversation_.output();
  if (sent_ < output.size() / 2) return;
  output.erase(0, sent_);
  sent_ = 0;
}

/// A null error: the server has closed it, perhaps saying why.
void Connection::lose(const std::exception_ptr& error) noexcept {
  if (lost_ != nullptr) return;
  was_running_ = error != nullptr && load() > 0;
  lost_ = error != nullptr ? error : conversation_.farewell();
  if (lost_ == nullptr) lost_ = loss("the server has closed the connection");
  lost_ = with_state(lost_, owner_);
  conversation_.fail_all(lost_);
}

Handle Connection::take_running() noexcept {
  if (!was_running_) return nullptr;
  loop_.unwatch(wire_.fd(), *this);
  return wire_.take();
}

void Connection::note_time(std::chrono::steady_clock::time_point now) noexcept {
  if (load() == 0 || std::exchange(has_heard_, false) || silent_since_ == decltype(now)())
    silent_since_ = now;
}

}  // namespace chopin::data::postgres
