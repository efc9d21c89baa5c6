#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "connection/close_reason.hpp"
#include "connection/connection_limit.hpp"
#include "connection/http1.hpp"
#include "connection/outbox.hpp"
#include "connection/pending_response.hpp"
#include "connection/session_context.hpp"
#include "connection/stream.hpp"
#include "connection/wait.hpp"
#include "loop/deadlines.hpp"
#include "loop/event_handler.hpp"
#include "loop/task_list.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {

/// The socket's half of a connection: reads a burst, lets Http1 respond to its complete requests, and sends
/// the responses together. It does not read from a peer that does not read its responses. After one buffer of
/// input, other sessions are served first.
///
///     input:  open <--> unread --> finished --> ended
///               `-------------------^
///     output: free <--> blocked
///
///     unread    there may be bytes in the socket that no event will report again
///     finished  the end of the input is in the socket
///     ended     the end of the input has been read
///     blocked   there is an outbox; nothing is read
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: owns itself. `close` deletes it, so a function must return at once after a call that may close.
/// Throws: only `start`.
class Session final : public loop::EventHandler,
                      public loop::Deadline,
                      public loop::Task,
                      public SessionHook,
                      public ResponseTarget {
 public:
  /// A connection of an address that has too much gets a 429 or 503, and no session. `context` must outlive
  /// the session. Throws std::bad_alloc, std::system_error.
  static void start(Connection connection, SessionContext& context);

  /// To be called when the worker begins to drain. A connection without a request in flight ends soon, unless
  /// one arrives.
  void drain() noexcept;
  /// Ends the connection at once.
  void cut();
  /// At the limit of connections: closes the one that has been idle longest, or else lingers or has sent
  /// nothing. False if there is none; then the next response of any is its connection's last.
  static bool make_room(SessionContext& context) noexcept;
  /// Closes those that hold most, until it was so many `bytes` or nothing worth it is left. At most a few
  /// hundred at once. False if there was none.
  static bool shed(SessionContext& context, std::uint64_t bytes) noexcept;
  /// To be called at each tick: asks what the kernel holds for some of the sessions, each in its turn. Of one
  /// that is not blocked nobody else would notice that its peer does not read.
  static void measure_some(SessionContext& context) noexcept;
  /// Calls `visit` for every session of the worker. It may end the session it is given, but no other.
  template <class Visit>
  static void for_each(SessionContext& context, Visit visit) {
    SessionList& sessions = context.worker.sessions;
    for (auto at = sessions.begin(); at != sessions.end();) visit(static_cast<Session&>(*at++));
  }

 private:
  static const MemoryWatch::Bytes when_idle;  // what every session holds
  static constexpr std::uint64_t most_debt = 63;
  static constexpr std::uint64_t most_debt_by_chance = 15;

  enum class Input : std::uint8_t { open, unread, finished, ended };

  Session(Connection connection, SessionContext& context);
  ~Session();

  void on_events(loop::Events events) noexcept override;
  bool puts_off(loop::Events events, bool round_is_long) noexcept override;
  void on_turn_end(std::uint64_t shares) noexcept override;
  void run() noexcept override;
  void on_deadline() noexcept override;
  void on_response() noexcept override;
  [[nodiscard]] bool is_over_age() const noexcept override;

  [[nodiscard]] static http::Rejection judge_address(const Peer& peer, const SharedRoutes& shared) noexcept;
  static void refuse(Connection connection, http::Rejection rejection, WorkerServices& worker) noexcept;

  void handle(loop::Events events);
  void read();
  void serve();
  void write();
  /// The same, inlined where it is hot: a call would save and restore every register.
  void write_now();
  void write_with_body();
  void after_write();

  void handle_while_busy(loop::Events events);
  void after_write_while_busy();
  void go_on() noexcept;
  void serve_rest();
  void keep_unsent(system::Transfer transfer);
  void write_outbox(bool time_is_over = false);
  void await_reader(bool time_is_over);
  void await_input();
  [[gnu::noinline]] void await_body();
  [[gnu::noinline]] void await_rest_of_head();
  void note_body_wait() noexcept;
  void await_handler();
  [[gnu::noinline]] void await_next_turn() noexcept;
  void await_turn() noexcept;
  /// Starts or restarts the deadline for `wait`.
  void wait(Wait wait) noexcept;
  [[gnu::noinline]] void start_to_wait(Wait wait) noexcept;
  /// What `wait` is while the worker drains.
  [[nodiscard]] Wait in_drain(Wait wait) const noexcept;
  /// Which input the connection waits for.
  [[nodiscard]] Wait awaited_input() const noexcept;
  void on_end_of_input();
  void expire();
  void expire_handler();
  void refuse_parts(http::Rejection rejection);
  void end_idle(CloseReason reason);
  [[nodiscard]] bool yields_to_another() noexcept;
  void measure() noexcept;
  void shed() noexcept;
  void account() noexcept;
  [[nodiscard]] MemoryWatch::Bytes holds() const noexcept;
  void fail() noexcept;
  void finish();
  [[nodiscard]] bool may_have_input(CloseReason reason) noexcept;
  void linger();
  [[nodiscard]] bool takes_responses() noexcept;
  /// Closes the connection of a peer that is late: it may not read either.
  void give_up(CloseReason reason);
  void close(CloseReason reason);

  [[nodiscard]] InputBuffer& input() noexcept { return http_.input(); }
  [[nodiscard]] bool has_unread() const noexcept {
    return input_ == Input::unread || input_ == Input::finished;
  }
  /// Does it hold more than an idle one?
  [[nodiscard]] bool holds_memory() const noexcept { return held_.sum() > when_idle.sum(); }
  [[nodiscard]] bool is_blocked() const noexcept { return outbox_ != nullptr; }
  [[nodiscard]] bool is_lingering() const noexcept { return wait_ >= Wait::linger; }
  /// Its turns take long. A few shares may be somebody else's: in a call the kernel also works for others.
  [[nodiscard]] bool is_costly() const noexcept { return debt_ > most_debt_by_chance; }
  [[nodiscard]] loop::FairTurns::Cost cost() const noexcept {
    return is_costly() ? loop::FairTurns::Cost::high : loop::FairTurns::Cost::unknown;
  }
  /// It waits for something else than input.
  [[nodiscard]] bool is_busy() const noexcept {
    return is_blocked() || Task::is_linked() || http_.is_with_handler();
  }
  /// It has input, and it is not the peer's fault that it waits.
  [[nodiscard]] bool is_put_off() const noexcept {
    return Task::is_linked() && !is_blocked() && !is_lingering() && !http_.is_with_handler();
  }
  /// Nothing is in flight, so draining may close the connection.
  [[nodiscard]] bool can_be_drained() const noexcept { return !is_blocked() && http_.is_idle(); }

  // In an order that leaves no gaps: mimalloc takes 320 bytes for what is larger than 256.
  Wait wait_ = Wait::handler;
  Input input_ = Input::open;
  bool had_request_ = false;
  bool has_unserved_ = false;  // there may be complete requests in the input
  bool watches_writable_ = false;
  std::uint8_t debt_ = 0;  // shares of time, see loop::FairTurns, that its turns had too many
  Stream stream_;
  std::uint32_t since_ = 0;  // the tick of the accept, or once it lingers of the last response
  SessionContext& context_;
  MemoryWatch::Bytes held_;         // as counted last
  std::unique_ptr<Outbox> outbox_;  // null: the kernel has taken everything
  Http1 http_;
};

static_assert(sizeof(Session) <= 256);

}  // namespace chopin::connection
