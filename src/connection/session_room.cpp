// The part of Session that counts what connections hold, and closes some to make room for others.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "connection/session.hpp"

namespace chopin::connection {
namespace {

/// Sessions that hold less are not worth a reset.
constexpr std::uint64_t least_shed = std::uint64_t{16} * 1024;

/// Closing a socket takes the kernel some 10 microseconds.
constexpr std::size_t most_shed_at_once = loop::most_expiries_in_a_round;

}  // namespace

constinit const MemoryWatch::Bytes Session::when_idle{.own = sizeof(Session),
                                                      .kernel = MemoryBudget::for_a_connection};

// ---- What a connection holds. ----

/// To be called when that may have changed. The hot path calls it only if memory is held.
void Session::account() noexcept {
  const MemoryWatch::Bytes now = holds();
  if (now == held_) return;
  context_.worker.memory.change(held_, now);
  held_ = now;
}

MemoryWatch::Bytes Session::holds() const noexcept {
  const std::size_t own = http_.memory() + (is_blocked() ? outbox_->memory() : 0);
  const bool kernel_may_hold_much =
      is_blocked() || (http_.is_with_handler() && has_unread()) || held_.kernel > when_idle.kernel;
  const std::uint32_t kernel = kernel_may_hold_much ? stream_.kernel_memory() : 0;
  const auto most = std::size_t{UINT32_MAX} - when_idle.own;
  return {.own = when_idle.own + static_cast<std::uint32_t>(std::min(own, most)),
          .kernel = when_idle.kernel + kernel};
}

void Session::measure_some(SessionContext& context) noexcept {
  constexpr std::size_t most = 256;  // which takes some 50 microseconds
  SessionList& sessions = context.worker.sessions;
  const SessionHook* const first = sessions.empty() ? nullptr : &sessions.front();
  for (std::size_t i = 0; i < most && first != nullptr; ++i) {
    auto& session = static_cast<Session&>(sessions.front());
    if (i > 0 && &sessions.front() == first) return;
    sessions.splice(sessions.end(), sessions, sessions.begin());
    session.measure();
  }
}

/// What is on its way to a client that reads is soon gone.
void Session::measure() noexcept {
  constexpr std::uint32_t least = 16 * 1024;
  MemoryWatch::Bytes now = held_;
  now.kernel = when_idle.kernel + stream_.kernel_memory();
  if (now.kernel < when_idle.kernel + least) now.kernel = when_idle.kernel;
  context_.worker.memory.change(std::exchange(held_, now), now);
}

// ---- Memory is short. ----

bool Session::shed(SessionContext& context, std::uint64_t bytes) noexcept {
  // By the binary logarithm of what is held, so that finding the largest takes two passes and no memory.
  std::array<std::uint64_t, 65> held_by_size{};
  for_each(context, [&](const Session& session) {
    held_by_size[static_cast<std::size_t>(std::bit_width(session.held_.sum()))] += session.held_.sum();
  });
  std::size_t least = held_by_size.size();
  std::uint64_t found = 0;
  while (found < bytes && least > static_cast<std::size_t>(std::bit_width(least_shed))) {
    found += held_by_size[--least];
  }
  std::size_t closed = 0;
  std::uint64_t freed = 0;
  // First those that are larger than the smallest size that is needed, then as many of that size.
  for (const bool is_larger : {true, false}) {
    for_each(context, [&](Session& session) {
      const auto size = static_cast<std::size_t>(std::bit_width(session.held_.sum()));
      if (freed >= bytes || closed >= most_shed_at_once) return;
      if (is_larger ? size <= least : size != least) return;
      freed += session.held_.sum();
      ++closed;
      session.shed();
    });
  }
  return closed > 0;
}

/// A request under way is refused, unless its handler has it or the peer does not read.
void Session::shed() noexcept try {
  if (is_blocked() || is_lingering() || http_.is_idle() || http_.is_with_handler()) {
    return give_up(CloseReason::memory);
  }
  http_.reject(http::Rejection::memory_short, CloseReason::memory);
  write();
} catch (const std::exception&) {
  fail();
}

// ---- The limit of connections is reached. ----

bool Session::make_room(SessionContext& context) noexcept {
  constexpr std::size_t most_tried = 64;
  Deadlines& deadlines = context.worker.deadlines;
  const auto take = [](loop::Deadline& deadline) {
    return static_cast<Session&>(deadline).yields_to_another();
  };
  if (deadlines.queue(Wait::idle).offer_oldest(most_tried, 0, take) ||
      deadlines.queue(Wait::linger).offer_oldest(most_tried, 0, take) ||
      deadlines.queue(Wait::head).offer_oldest(most_tried, context.worker.silent_grace, take)) {
    return true;
  }
  context.worker.end_with_next_response(true);
  return false;
}

/// Closes the connection, unless a request is under way or has arrived at this very moment.
bool Session::yields_to_another() noexcept {
  if (is_lingering()) {
    give_up(http_.reason());
    return true;
  }
  if (!can_be_drained() || Task::is_linked() || stream_.has_input()) return false;
  // Its last response may still be on its way, unless that was sent before this tick.
  if (context_.worker.deadlines.has_just_started(*this)) {
    close(CloseReason::evicted);
  } else {
    give_up(CloseReason::evicted);
  }
  return true;
}

}  // namespace chopin::connection
