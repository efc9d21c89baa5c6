#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "chopin/config.hpp"
#include "chopin/responder.hpp"
#include "chopin/router.hpp"
#include "connection/connection_limit.hpp"
#include "connection/session_context.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"

namespace chopin::fuzz {

inline constexpr std::size_t limits_choices = 3;
/// The largest answer that a route gives of itself: /large.
inline constexpr std::size_t large_body = 8000;

/// How heads are read. What comes of it is the same.
enum class Reading : std::uint8_t { remembered, scanned, parsed };
inline constexpr std::size_t readings = 3;

/// What a worker lends to its connections, without thread, clock and listening socket: whoever has it lets
/// them go on by hand. Its routes cover what a handler can do; their answers name the request in X-Saw, and
/// those of fast routes have an X-Fast.
class LoneWorker {
 public:
  /// Built once for each mode, each choice of limits and each reading, and used again for every input: as
  /// good as new, as long as every connection has ended. `limits` is taken modulo `limits_choices`.
  static LoneWorker& get(Mode mode, std::size_t limits, Reading reading = Reading::remembered);

  explicit LoneWorker(const Config& config);
  ~LoneWorker();
  LoneWorker(const LoneWorker&) = delete;
  LoneWorker& operator=(const LoneWorker&) = delete;

  [[nodiscard]] connection::SessionContext& context() noexcept { return context_; }

  enum class By : std::uint8_t { own_thread, task };
  /// Lets the handler answer that has waited longest, if one does.
  bool let_answer(By by);
  /// Handles what is ready now. False: nothing is.
  bool poll() { return loop_.poll_round(); }
  /// One tick of the clock.
  void tick() { loop_.clock().advance(); }
  /// Handles whatever is ready. Fails where that has no end.
  void settle();

 private:
  void make_new();

  Config config_;
  std::deque<Responder> held_;  // by handlers that answer when they are let
  connection::SharedRoutes shared_routes_;
  connection::ConnectionLimit connections_{1000, [] {}};
  loop::EventLoop loop_;
  loop::IoContextGuest io_context_{loop_};
  connection::SessionContext context_;
};

}  // namespace chopin::fuzz
