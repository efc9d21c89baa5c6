#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include "chopin/config.hpp"
#include "http/canned_response.hpp"
#include "routing/fast_route_index.hpp"
#include "server/completion.hpp"
#include "server/counters.hpp"
#include "server/listener.hpp"
#include "server/mailbox.hpp"
#include "server/session_context.hpp"
#include "server/tcp.hpp"

namespace chopin::server {

/// One core's share of the server: a thread, an io_context, a listening socket, the sessions it accepts, one
/// Date and one set of counters. The launcher owns it; `run` is its thread, and everything but `mailbox`
/// belongs to it.
class Worker {
 public:
  Worker(const Config& config, const routing::FastRouteIndex& routes, const http::CannedResponses& responses);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] boost::asio::io_context& io_context() noexcept { return io_context_; }

  /// Before `run`.
  void listen(Acceptor acceptor);
  /// Serves until told to stop and the last connection has ended. `cpu`: where to run, if it matters.
  void run(std::optional<unsigned> cpu);

  /// Thread-safe; the way in while `run` is under way.
  [[nodiscard]] Mailbox& mailbox() noexcept { return mailbox_; }
  /// After `run`.
  [[nodiscard]] const Counters& counters() const noexcept { return context_.counters; }

 private:
  using Clock = std::chrono::steady_clock;
  using Ticker = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>,
                                                   boost::asio::io_context::executor_type>;

  void start_tick();
  void on_tick(const error_code& ec);
  void refresh_date();
  void on_command(Command command);
  void drain();
  void cut();
  void on_session_end();
  void stop_when_empty();

  const Timeouts& timeouts_;
  boost::asio::io_context io_context_;
  SessionContext context_;
  Mailbox mailbox_;
  std::optional<Listener> listener_;
  Ticker ticker_;
  OperationMemory tick_memory_;
  std::time_t date_ = -1;
  std::uint32_t drain_ticks_left_ = 0;
};

}  // namespace chopin::server
