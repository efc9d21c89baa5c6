#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "connection/close_reason.hpp"
#include "connection/connection_limit.hpp"
#include "connection/deadlines.hpp"
#include "connection/pending_response.hpp"
#include "connection/protocol.hpp"
#include "connection/session_context.hpp"
#include "loop/readiness.hpp"
#include "system/sockets.hpp"

namespace chopin::connection {

/// The socket's half of a connection: reads a burst, has every complete request in it answered, writes the
/// answers at once.
///
/// Runs on its worker's thread and owns itself: `close` deletes it, so whoever may have closed it returns at
/// once. Peers that send faster than they read are not read from, and after one buffer of input the
/// neighbours have their turn.
class Session final : public Waiter, public loop::ReadinessTarget, public ResponseTarget {
 public:
  /// `context` outlives the session. Throws std::bad_alloc, std::system_error.
  static void start(Connection connection, SessionContext& context);

  /// The time for what the connection waits for is over.
  void on_deadline();
  /// Shutdown: ends the connection unless a request is in flight or already in the socket.
  void drain();
  /// Ends the connection at once.
  void cut();

 private:
  Session(Connection connection, SessionContext& context);
  ~Session();

  void on_ready(Events events) override;
  void on_turn() override;
  void on_failure() noexcept override;
  void on_response() override;

  void read();
  void serve();
  void write();
  void write_unsent(bool time_is_over = false);
  void await_room();
  void after_write();
  void await_input();
  void await_handler();
  void on_ready_while_handled(Events events);
  void on_end_of_input();
  void on_empty_socket();
  void take_turn();
  void finish();
  void linger();
  void close(CloseReason reason);
  [[nodiscard]] InputBuffer& input() noexcept { return protocol_.input(); }
  [[nodiscard]] bool is_blocked() const noexcept { return waits_for() == Wait::write; }
  [[nodiscard]] bool is_lingering() const noexcept { return waits_for() == Wait::linger; }

  SessionContext& context_;
  Connection connection_;
  Protocol protocol_;
  std::string unsent_;  // what the kernel did not take
  std::size_t unsent_offset_ = 0;
  std::uint32_t lingered_ = 0;  // bytes thrown away after the last answer
  bool had_request_ = false;
  bool has_unserved_ = false;   // there may be whole requests in the input
  bool has_unread_ = false;     // the socket may hold bytes that no event will tell of again
  bool peer_finished_ = false;  // the end is in the socket, behind whatever has not been read
  bool input_ended_ = false;    // and has been read
  bool waits_for_turn_ = false;
  bool watches_writable_ = false;
};

}  // namespace chopin::connection
