#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "chopin/config.hpp"
#include "connection/connection_limit.hpp"
#include "connection/counters.hpp"
#include "connection/mailbox.hpp"
#include "connection/session.hpp"
#include "connection/session_context.hpp"
#include "loop/readiness.hpp"
#include "loop/ticker.hpp"
#include "server/listener.hpp"
#include "system/sockets.hpp"

namespace chopin::server {

/// One core's share of the server: a thread, the sessions it serves, one Date and one set of counters, an
/// io_context for what handlers have under way, and unless another deals it connections a listening socket.
/// The launcher owns it; `run` is its thread, and everything but `post` belongs to it.
class Worker {
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
  /// Serves until told to stop and the last connection has ended. `cpu`: where to run, if it matters.
  void run(std::optional<unsigned> cpu);

  /// From any thread; the way in while `run` is under way. Throws std::bad_alloc.
  void post(connection::Letter letter) { mailbox_->post(std::move(letter)); }
  /// Where `run` is not under way: ends every connection. They speak to all workers when they end, so each
  /// has ended before the first one goes.
  void cut();
  /// After `run`.
  [[nodiscard]] const connection::Counters& counters() const noexcept { return context_.counters; }

 private:
  using StreamDescriptor =
      boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  /// What handlers have put into the io_context.
  enum class Operations : std::uint8_t { none, waiting, ready };

  void run_round();
  Operations run_operations();
  bool watch_in_io_context() noexcept;
  void wait_in_io_context() noexcept;
  void on_tick();
  void refresh_date();
  void on_letter(connection::Letter letter);
  void on_command(connection::Command command);
  void on_dealt(connection::Connection connection);
  void drain();
  void on_session_end();
  void stop_when_empty();

  const Timeouts& timeouts_;
  boost::asio::io_context io_context_;
  loop::Readiness readiness_;
  StreamDescriptor readiness_in_io_context_;
  std::shared_ptr<connection::Mailbox> mailbox_;
  connection::SessionContext context_;
  std::optional<Listener> listener_;
  std::function<void()> on_stopped_listening_ = [] {};
  loop::Ticker ticker_;
  std::time_t date_ = -1;
  std::uint32_t drain_ticks_left_ = 0;
  bool begins_to_drain_ = false;  // and may still take over queued connections
  bool has_ended_ = false;
  bool failed_to_watch_in_this_tick_ = false;
};

}  // namespace chopin::server
