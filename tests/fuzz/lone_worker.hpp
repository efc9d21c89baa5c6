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
#include "stream_routes.hpp"

namespace chopin::fuzz {

inline constexpr std::size_t limits_choices = 3;
/// The largest response body that a route produces by itself: /large.
inline constexpr std::size_t large_body = 8000;

/// How heads are read. The result is the same.
enum class Reading : std::uint8_t { remembered, scanned, parsed };
inline constexpr std::size_t readings = 3;

/// What a worker lends to its connections, without thread, clock and listening socket: the test drives it by
/// hand. Its routes cover what a handler can do. Their responses name the request in X-Saw, and the path in
/// X-Stream if it is one of the StreamRoutes; those of fast routes have X-Fast.
class LoneWorker {
 public:
  /// Built once for each mode, choice of limits and reading, and reused for every input: it is reset,
  /// provided that every connection has ended. `limits` is taken modulo `limits_choices`.
  static LoneWorker& get(Mode mode, std::size_t limits, Reading reading = Reading::remembered);

  explicit LoneWorker(const Config& config);
  ~LoneWorker();
  LoneWorker(const LoneWorker&) = delete;
  LoneWorker& operator=(const LoneWorker&) = delete;

  [[nodiscard]] connection::SessionContext& context() noexcept { return context_; }

  [[nodiscard]] const StreamRoutes& streams() const noexcept { return streams_; }

  enum class By : std::uint8_t { own_thread, task };
  /// Lets the handler respond that has waited longest, if any.
  bool let_respond(By by);
  /// Handles what is ready now. False if nothing is.
  bool poll() { return loop_.poll_round(); }
  /// One tick of the clock.
  void tick() { loop_.clock().advance(); }
  /// Handles whatever is ready until nothing is. Fails if that does not end.
  void settle();

 private:
  void make_new();

  Config config_;
  loop::EventLoop loop_;
  std::deque<Responder> held_;  // by handlers that respond when the test lets them
  StreamRoutes streams_{loop_};
  connection::SharedRoutes shared_routes_;
  connection::ConnectionLimit connections_{1000, [] {}};
  loop::IoContextGuest io_context_{loop_};
  connection::SessionContext context_;
};

}  // namespace chopin::fuzz
