#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "chopin/config.hpp"
#include "connection/connection_limit.hpp"
#include "connection/counters.hpp"
#include "loop/coarse_clock.hpp"
#include "loop/event_loop.hpp"
#include "loop/timers.hpp"
#include "server/commands.hpp"
#include "server/listeners.hpp"

namespace chopin::server {

class Worker;  // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final

/// The accept loop of standard mode, on a thread of its own, so that no handler stops it. Deals each
/// connection to the worker with the fewest, but not to one that leaves connections waiting, probably because
/// a handler blocks it. What such a worker has not taken is dealt again to those that take.
///
/// Thread safety: `post` and `adopt` from any thread, `run` on one thread, the rest before `run`.
/// Lifetime: the workers must outlive `run`.
/// Throws: the constructor, `listen` and `adopt`: std::system_error, std::bad_alloc.
class Acceptor final : private loop::TickHandler, private loop::Timer {
 public:
  Acceptor(connection::ConnectionLimit& limit, WhenFull when_full, Log log);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  void listen(system::Descriptor socket) { listeners_.add(std::move(socket)); }
  /// Accepts until told to drain or cut. Then every worker gets the command too, after its last connection.
  void run(const std::vector<Worker*>& workers);
  /// Also accepts connections on `socket`. From any thread.
  void adopt(system::Descriptor socket);
  /// The connections that were refused. From any thread.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.value(); }
  /// False if `run` has ended.
  bool post(Command command) noexcept { return commands_.post(command); }

 private:
  void on_tick() noexcept override { listeners_.on_tick(); }
  void on_timer() noexcept override;

  void on_command(Command command);
  void deal(connection::Connection connection);
  void deal_again();
  void deal_again_soon();
  [[nodiscard]] Worker* choose_worker(bool only_prompt);
  [[nodiscard]] bool has_prompt_worker() const noexcept;

  loop::EventLoop loop_;
  connection::Counter refused_;
  Listeners listeners_;
  Commands commands_;
  std::vector<Worker*> workers_;
  std::size_t next_ = 0;
  bool has_ended_ = false;
};

}  // namespace chopin::server
