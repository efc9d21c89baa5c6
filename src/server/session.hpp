#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "http/canned_response.hpp"
#include "http/rejection.hpp"
#include "http/request_parser.hpp"
#include "server/buffers.hpp"
#include "server/close_reason.hpp"
#include "server/completion.hpp"
#include "server/deadlines.hpp"
#include "server/session_context.hpp"
#include "server/tcp.hpp"

namespace chopin::server {

/// One connection: reads a burst, answers every complete request in it, writes the answers at once.
///
/// Runs on its worker's thread. It owns itself: at any time exactly one operation is under way, whose
/// completion starts the next one or deletes the session. Peers that send faster than they read are not read
/// from, and after one buffer of input the neighbours have their turn.
class Session final : public Waiter {
 public:
  /// Takes over an accepted, non-blocking socket. `context` outlives the session.
  static void start(Socket socket, SessionContext& context);

  /// The time for what the connection waits for is over.
  void on_deadline();
  /// Gives the buffers back and waits for the socket to become readable.
  void park();
  /// Shutdown: ends the connection unless a request is in flight or already in the socket.
  void drain();
  /// Ends the connection at once.
  void cut();

 private:
  enum class Stage : std::uint8_t { serving, lingering, closed };
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

  Session(Socket socket, SessionContext& context);
  ~Session();

  void read();
  void on_read(const error_code& ec, std::size_t size);
  void on_read_error(const error_code& ec);
  void on_readable(const error_code& ec);
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
  void on_written(const error_code& ec, std::size_t size);
  void after_write();
  void yield();
  void on_turn();
  void finish();
  void linger();
  void close(CloseReason reason);
  [[nodiscard]] bool wants_head_only() const noexcept;
  [[nodiscard]] bool is_between_requests() const noexcept { return upload_ == nullptr && input_.empty(); }

  /// What every completion does first. False: the session is closed and now gone.
  bool resume();

  template <auto Member>
  auto completes_with() noexcept {
    awaits_completion_ = true;
    return completion<Member>(*this, operation_memory_);
  }

  SessionContext& context_;
  Socket socket_;
  InputBuffer input_;
  std::unique_ptr<Upload> upload_;
  std::string unsent_;  // what the kernel did not take
  std::size_t unsent_offset_ = 0;
  std::size_t lingered_ = 0;    // bytes thrown away after the last answer
  std::uint32_t examined_ = 0;  // bytes of an incomplete head that were parsed in vain
  std::uint32_t empty_lines_ = 0;
  Stage stage_ = Stage::serving;
  CloseReason reason_ = CloseReason::peer_closed;  // once the last answer is given
  bool last_given_ = false;
  bool needs_input_ = true;
  bool answered_ = false;  // a request since the last read
  bool had_request_ = false;
  bool peer_finished_ = false;  // it has shut down its sending side
  bool awaits_completion_ = false;
  OperationMemory operation_memory_;
};

}  // namespace chopin::server
