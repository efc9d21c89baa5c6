#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <utility>

#include "chopin/config.hpp"
#include "connection/connection_limit.hpp"
#include "connection/counters.hpp"
#include "connection/session.hpp"
#include "connection/session_context.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"
#include "server/listener.hpp"
#include "system/descriptor.hpp"

namespace chopin::server {

/// What other threads can ask of a worker.
enum class Command : std::uint8_t {
  drain,   ///< stop accepting, finish the requests in flight
  cut,     ///< end every connection now
  resume,  ///< accept again if accepting was paused
};

/// A thread's event loop with its sessions, Date, counters and, if it accepts connections itself, a listener.
/// It is built on the thread that runs it, so that its memory is local to that thread's CPU.
///
/// Thread safety: `post` and `counters` from any thread, the rest on the worker's thread while `run` is under
/// way.
/// Lifetime: owned by the launcher.
/// Throws: the constructor, `listen`, `serve` and `post`: std::system_error, std::bad_alloc.
class Worker final : private loop::TickHandler {
 public:
  /// All three must outlive this.
  Worker(const Config& config, const connection::SharedRoutes& shared_routes,
         connection::ConnectionLimit& connections);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// To be called before `run`. Accepts connections and serves them.
  void listen(system::Descriptor socket);
  /// To be called before `run`. Passes each accepted connection to `on_connection`, and calls `on_stopped`
  /// when accepting has stopped for good.
  void listen(system::Descriptor socket, std::function<void(connection::Connection)> on_connection,
              std::function<void()> on_stopped);
  void serve(connection::Connection connection) {
    connection::Session::start(std::move(connection), context_);
  }
  /// Serves until told to stop and the last connection has ended.
  void run();

  // From any thread. Throw std::bad_alloc.

  void post(Command command);
  void post(connection::Connection connection);

  /// Ends every connection; only while `run` is not under way. A connection that ends may post to all
  /// workers, so all must be cut before the first one is destroyed.
  void cut();
  /// From any thread.
  [[nodiscard]] connection::Counters counters() const noexcept { return context_.worker.counters.read(); }

 private:
  void on_tick() noexcept override;
  void refresh_date();
  void on_command(Command command);
  void on_dealt(connection::Connection connection);
  void drain();
  void on_session_end();
  void stop_when_empty();

  const Timeouts& timeouts_;
  loop::EventLoop loop_;
  loop::IoContextGuest io_context_;
  connection::SessionContext context_;
  std::optional<Listener> listener_;
  std::function<void()> on_stopped_listening_ = [] {};
  std::time_t date_ = -1;
  std::uint32_t drain_ticks_left_ = 0;
  bool begins_to_drain_ = false;  // `drain` is under way: `run` must not end yet
  bool has_ended_ = false;
};

}  // namespace chopin::server
