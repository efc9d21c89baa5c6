#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <deque>
#include <utility>

#include "chopin/config.hpp"
#include "connection/connection_limit.hpp"
#include "connection/counters.hpp"
#include "connection/session.hpp"
#include "connection/session_context.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"
#include "server/commands.hpp"
#include "server/dealt_connections.hpp"
#include "server/listeners.hpp"
#include "system/descriptor.hpp"

namespace chopin::server {

/// A thread's event loop with its sessions, Date, counters and, in performance mode, listeners.
/// It is built on the thread that runs it, so that its memory is local to that thread's CPU.
///
/// Thread safety: `post`, `adopt`, `abandon_listening` and `counters` from any thread, the rest on the
/// worker's thread while `serve_all` is under way.
/// Lifetime: owned by the launcher.
/// Throws: the constructor, `listen`, `serve` and `adopt`: std::system_error, std::bad_alloc.
class Worker final : private loop::TickHandler, private loop::Task {
 public:
  /// Which of the server's workers it is.
  struct Place {
    std::size_t index = 0;
    std::size_t workers = 1;
  };

  /// On the thread that will call `serve_all`. The first three must outlive this. Throws what the
  /// application's services throw, too.
  Worker(const Config& config, const connection::SharedRoutes& shared_routes,
         connection::ConnectionLimit& connections, Place place, Log log);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// To be called before `serve_all`. Accepts connections and serves them.
  void listen(system::Descriptor socket) { listeners_.add(std::move(socket)); }
  void serve(connection::Connection connection) {
    if (!connection.slot.is_taken()) [[unlikely]]
      return wait_for_slot(std::move(connection));
    connection::Session::start(std::move(connection), context_);
  }
  /// Serves until told to stop and the last connection has ended.
  void serve_all();

  // From any thread.

  void post(Command command) noexcept { commands_.post(command); }
  /// Also accepts connections on `socket`. Throws std::bad_alloc.
  void adopt(system::Descriptor socket);
  /// For a worker that a handler blocks: closes the listening sockets that it has not begun to close itself.
  /// False if there were none.
  bool abandon_listening() noexcept { return listeners_.abandon(); }

  // On the acceptor's thread.

  void deal(connection::Connection connection);
  [[nodiscard]] DealtConnections& dealt() noexcept { return dealt_; }

  /// Ends every connection; only while `serve_all` is not under way. A connection that ends may post to all
  /// workers, so all must be cut before the first one is destroyed.
  void cut();
  /// From any thread.
  [[nodiscard]] connection::Counters counters() const noexcept {
    connection::Counters counters = context_.worker.counters.read();
    counters.rounds = loop_.round_samples();
    return counters;
  }

 private:
  void on_tick() noexcept override;
  void run() noexcept override;
  void refresh_date();
  void on_command(Command command);
  void drain() noexcept;
  void wait_for_slot(connection::Connection connection);
  void serve_those_without_slot();
  void on_session_end();
  void stop_when_empty();

  const Timeouts& timeouts_;
  loop::EventLoop loop_;
  loop::IoContextGuest io_context_;
  connection::SessionContext context_;
  Listeners listeners_;
  const bool is_first_;  // of the workers: it measures the process
  DealtConnections dealt_;
  std::deque<connection::Connection>
      without_slot_;  // accepted when the drain began; at most the kernel's queue
  Commands commands_;
  std::time_t date_ = -1;
  std::uint32_t drain_ticks_left_ = 0;
  bool begins_to_drain_ = false;     // `drain` is under way: `serve_all` must not end yet
  bool is_cut_ = false;              // the drain timeout is over: the services are not asked any more
  bool waits_for_services_ = false;  // which may not end yet
  bool has_ended_ = false;
};

}  // namespace chopin::server
