#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/canned_response.hpp"
#include "http/rejection.hpp"
#include "http/request_parser.hpp"
#include "server/buffers.hpp"
#include "server/close_reason.hpp"
#include "server/deadlines.hpp"
#include "server/readiness.hpp"
#include "server/session_context.hpp"
#include "server/socket_calls.hpp"

namespace chopin::server {

/// One connection: reads a burst, answers every complete request in it, writes the answers at once.
///
/// Runs on its worker's thread and owns itself: `close` deletes it, so whoever may have closed it returns at
/// once. Peers that send faster than they read are not read from, and after one buffer of input the
/// neighbours have their turn.
class Session final : public Waiter, public ReadinessTarget {
 public:
  /// Takes over an accepted, non-blocking socket. `context` outlives the session.
  static void start(Descriptor socket, SessionContext& context);

  /// The time for what the connection waits for is over.
  void on_deadline();
  /// Gives the buffers back until there is something to read.
  void park();
  /// Shutdown: ends the connection unless a request is in flight or already in the socket.
  void drain();
  /// Ends the connection at once.
  void cut();

 private:
  enum class Step : std::uint8_t { answered, needs_input, last };

  struct Answer {
    http::ResponseId id;
    http::Persistence persistence;
    bool head_only;
  };

  /// A request whose body has not come to its end, and what will be said to it.
  struct Upload {
    http::RequestParser parser;
    Answer answer;
  };

  Session(Descriptor socket, SessionContext& context);
  ~Session();

  void on_ready(Events events) override;
  void on_turn() override;
  void on_failure() noexcept override;

  void read();
  void serve();
  Step serve_next();
  bool skip_empty_lines();
  [[nodiscard]] bool can_end_head(std::string_view bytes) const noexcept;
  [[nodiscard]] Answer choose_answer(const http::RequestParser& request);
  Step begin_body(http::RequestParser& request);
  Step continue_body();
  Step receive_body(http::RequestParser& request, Answer answer);
  Step give(Answer answer);
  Step reject(http::Rejection rejection, bool head_only);
  void write();
  void write_unsent();
  void await_room();
  void after_write();
  void await_input();
  void on_end_of_input();
  void on_empty_socket();
  void take_turn();
  void finish();
  void linger();
  void close(CloseReason reason);
  [[nodiscard]] bool is_between_requests() const noexcept { return upload_ == nullptr && input_.empty(); }
  [[nodiscard]] bool is_blocked() const noexcept { return waits_for() == Wait::write; }
  [[nodiscard]] bool is_lingering() const noexcept { return waits_for() == Wait::linger; }
  [[nodiscard]] bool wants_head_only() const noexcept;

  SessionContext& context_;
  Descriptor socket_;
  InputBuffer input_;
  std::unique_ptr<Upload> upload_;
  std::string unsent_;  // what the kernel did not take
  std::size_t unsent_offset_ = 0;
  std::uint32_t lingered_ = 0;  // bytes thrown away after the last answer
  std::uint32_t examined_ = 0;  // bytes of an incomplete head that were parsed in vain
  std::uint32_t empty_lines_ = 0;
  CloseReason reason_ = CloseReason::peer_closed;  // once the last answer is given
  bool last_given_ = false;
  bool answered_ = false;  // a request since the last read
  bool had_request_ = false;
  bool has_unserved_ = false;   // there may be whole requests in the input
  bool has_unread_ = false;     // the socket may hold bytes that no event will tell of again
  bool peer_finished_ = false;  // the end is in the socket, behind whatever has not been read
  bool input_ended_ = false;    // and has been read
  bool waits_for_turn_ = false;
  bool watches_writable_ = false;
};

}  // namespace chopin::server
