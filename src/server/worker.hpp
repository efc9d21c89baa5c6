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
  drain,   ///< stop accepting, finish what is in flight
  cut,     ///< end every connection now
  resume,  ///< accept again if accepting has paused
};

/// One core's share of the server: a thread with its event loop, the sessions it serves, one Date and one set
/// of counters, and unless another deals it connections a listening socket. The launcher owns it. It is built
/// on the thread that runs it, so that its memory lies near that thread's CPU; everything but `post` and
/// `counters` belongs to that thread.
class Worker final : private loop::TickHandler {
 public:
  /// All three outlive this.
  Worker(const Config& config, const connection::SharedRoutes& shared_routes,
         connection::ConnectionLimit& connections);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Before `run`: accepts connections and serves them.
  void listen(system::Descriptor socket);
  /// Before `run`: accepts connections and hands each to `on_connection`; `on_stopped` is called when it has
  /// stopped for good.
  void listen(system::Descriptor socket, std::function<void(connection::Connection)> on_connection,
              std::function<void()> on_stopped);
  /// On the worker's thread.
  void serve(connection::Connection connection) {
    connection::Session::start(std::move(connection), context_);
  }
  /// Serves until told to stop and the last connection has ended.
  void run();

  // From any thread; the ways in while `run` is under way. Throw std::bad_alloc.

  void post(Command command);
  void post(connection::Connection connection);

  /// Where `run` is not under way: ends every connection. They speak to all workers when they end, so each
  /// has ended before the first one goes.
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
  bool begins_to_drain_ = false;  // and may still take over queued connections
  bool has_ended_ = false;
};

}  // namespace chopin::server
