#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "chopin/router.hpp"
#include "loop/event_loop.hpp"
#include "loop/wakeup.hpp"

namespace chopin::fuzz {

/// The routes of a LoneWorker that read or write bodies in parts:
///
///   POST /count          the size and a sum of the body; with /held after it: waits at each part until the
///                        test lets it go on
///   POST /copy           the body, in parts as it comes; its limit is its own
///   POST /swell          each byte of the body `swell_factor` times, in parts
///   POST /early          responds after the first part
///   POST /early/written  the same in parts, so that the head is sent before that is known
///   GET /written         two parts; /held: waits after the first one; /broken: fails after it
class StreamRoutes {
 public:
  explicit StreamRoutes(loop::EventLoop& loop) noexcept : loop_(loop) {}
  ~StreamRoutes() { held_.clear(); }
  StreamRoutes(const StreamRoutes&) = delete;
  StreamRoutes& operator=(const StreamRoutes&) = delete;

  void add_to(Router& router);
  /// Lets the handler go on that has waited longest, if any.
  bool let_go_on();
  /// How many handlers have not ended.
  [[nodiscard]] int running() const noexcept { return running_; }
  /// How many have failed after the head of their response was sent.
  [[nodiscard]] std::uint64_t broken() const noexcept { return broken_; }

 private:
  Task<> write_held(Exchange& exchange);
  Task<> count_held(Exchange& exchange);
  Task<> hold();

  loop::EventLoop& loop_;
  std::deque<std::shared_ptr<loop::Wakeup>> held_;
  int running_ = 0;
  std::uint64_t broken_ = 0;
};

inline constexpr std::size_t most_copied = 1000;
/// So that a body of ordinary size fills every buffer.
inline constexpr std::size_t swell_factor = 50;
inline constexpr std::string_view written_parts[] = {"one ", "two"};

/// Whether a decoded path is that of one of these routes.
bool is_streamed(std::string_view path) noexcept;
/// What /count responds.
std::string counted(std::string_view body);
/// What /swell responds.
std::string swollen(std::string_view body);

}  // namespace chopin::fuzz
