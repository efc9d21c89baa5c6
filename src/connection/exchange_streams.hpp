#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "chopin/exchange.hpp"
#include "connection/part_memory.hpp"
#include "loop/event_loop.hpp"
#include "loop/wakeup.hpp"

namespace chopin::connection {

class PendingResponse;
class RequestReader;

/// The two bodies of an exchange under way, between its coroutine and its connection.
///
/// Thread safety: the worker's thread.
/// Lifetime: its PendingResponse's.
/// Throws: what Exchange says.
class ExchangeStreams {
 public:
  /// How much of the response's body waits for the connection before `write` waits too.
  static constexpr std::size_t most_output = std::size_t{64} * 1024;

  /// `pending` must outlive this. `whole_body`: what has come of the request's body, if that is all.
  ExchangeStreams(PendingResponse& pending, loop::EventLoop& loop, std::string_view whole_body)
      : pending_(pending), input_(loop), room_(loop), whole_body_(whole_body) {}

  // For the Exchange.

  [[nodiscard]] PendingResponse& pending() noexcept { return pending_; }
  [[nodiscard]] Task<std::string_view> read();
  [[nodiscard]] Task<> write(std::string_view bytes);

  // For the connection.

  /// Where the rest of the body comes from.
  void read_from(RequestReader& source) noexcept { source_ = &source; }
  /// Whether the coroutine waits for more of the body.
  [[nodiscard]] bool wants_input() const noexcept { return input_.has_waiter(); }
  /// There may be more of the body, or its end.
  void on_input() noexcept {
    is_served_ = true;
    input_.notify();
    is_served_ = false;
  }
  /// Whether the response's head must be sent, without waiting for the end of its body.
  [[nodiscard]] bool has_begun() const noexcept { return has_begun_; }
  /// What waits to be sent.
  [[nodiscard]] std::string& output() noexcept { return output_; }
  /// The kernel has taken what `output` had.
  void on_room() noexcept {
    if (output_.empty()) room_.notify();
  }
  /// Its memory in bytes.
  [[nodiscard]] std::size_t memory() const noexcept {
    return sizeof *this + whole_body_.capacity() + output_.capacity();
  }
  /// The connection is gone. The part that the coroutine may have stays.
  void detach() noexcept;

 private:
  void begin();
  bool has_room_for(std::string_view& bytes);
  void require_connection() const;

  PendingResponse& pending_;
  RequestReader* source_ = nullptr;  // null: there is nothing more to come
  PartMemory last_part_;             // once the connection is gone
  loop::Wakeup input_;
  loop::Wakeup room_;
  std::string whole_body_;
  bool gave_whole_body_ = false;
  std::string output_;
  bool has_begun_ = false;
  bool is_served_ = false;  // the connection waits for the coroutine to await something
  bool is_gone_ = false;
};

}  // namespace chopin::connection
