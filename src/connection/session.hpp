#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "connection/close_reason.hpp"
#include "connection/connection_limit.hpp"
#include "connection/pending_response.hpp"
#include "connection/protocol.hpp"
#include "connection/session_context.hpp"
#include "loop/deadlines.hpp"
#include "loop/event_handler.hpp"
#include "loop/task_list.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {

/// The socket's half of a connection: reads a burst, has every complete request in it answered, writes the
/// answers at once.
///
/// Runs on its worker's thread and owns itself: `close` deletes it, so whoever may have closed it returns at
/// once. Peers that send faster than they read are not read from, and after one buffer of input the
/// neighbours have their turn.
class Session final : public loop::EventHandler,
                      public loop::Deadline,
                      public loop::Task,
                      public ResponseTarget,
                      public SessionHook {
 public:
  /// `context` outlives the session. Throws std::bad_alloc, std::system_error.
  static void start(Connection connection, SessionContext& context);

  /// Shutdown: ends the connection unless a request is in flight or already in the socket.
  void drain();
  /// Ends the connection at once.
  void cut();
  /// Calls `visit` for every session of the worker; it may end the one it is given, and no other.
  template <class Visit>
  static void for_each(SessionContext& context, Visit visit) {
    for (auto at = context.sessions.begin(); at != context.sessions.end();) {
      visit(static_cast<Session&>(*at++));
    }
  }

 private:
  Session(Connection connection, SessionContext& context);
  ~Session();

  void on_events(loop::Events events) noexcept override;
  void run() noexcept override;
  void on_deadline() noexcept override;
  void on_response() noexcept override;

  void handle(loop::Events events);
  void go_on();
  void fail() noexcept;
  /// Starts, or starts again, what the connection waits for.
  void wait(Wait wait) noexcept;

  void read();
  void serve();
  void write();
  void write_unsent(bool time_is_over = false);
  void await_room();
  void after_write();
  void await_input();
  void await_handler();
  void on_events_while_handled(loop::Events events);
  void on_end_of_input();
  void on_empty_socket();
  void take_turn();
  void finish();
  void linger();
  void close(CloseReason reason);
  [[nodiscard]] InputBuffer& input() noexcept { return protocol_.input(); }
  [[nodiscard]] bool is_blocked() const noexcept { return wait_ == Wait::write; }
  [[nodiscard]] bool is_lingering() const noexcept { return wait_ == Wait::linger; }

  SessionContext& context_;
  Connection connection_;
  Protocol protocol_;
  std::string unsent_;  // what the kernel did not take
  std::size_t unsent_offset_ = 0;
  std::uint32_t lingered_ = 0;  // bytes thrown away after the last answer
  Wait wait_ = Wait::handler;
  bool had_request_ = false;
  bool has_unserved_ = false;   // there may be whole requests in the input
  bool has_unread_ = false;     // the socket may hold bytes that no event will tell of again
  bool peer_finished_ = false;  // the end is in the socket, behind whatever has not been read
  bool input_ended_ = false;    // and has been read
  bool watches_writable_ = false;
};

}  // namespace chopin::connection
