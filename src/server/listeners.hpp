#pragma once

#include <list>
#include <mutex>
#include <utility>

#include "server/listener.hpp"

namespace chopin::server {

/// The listeners of one loop: several if it listens on several addresses, or on sockets of another process.
///
/// Thread safety: one thread, that of the loop, except for `abandon`.
/// Lifetime: must not outlive its loop.
/// Throws: `add`.
class Listeners {
 public:
  Listeners(Listener::Owner owner, loop::EventLoop& loop) : owner_(std::move(owner)), loop_(loop) {}

  /// Accepts connections on `socket` from now on. Throws std::system_error.
  void add(system::Descriptor socket) {
    const std::lock_guard lock(list_mutex_);
    Listener& added = listeners_.emplace_back(std::move(socket), owner_, loop_);
    try {
      added.wait();
    } catch (...) {
      listeners_.pop_back();
      throw;
    }
  }
  void resume() noexcept {
    for (Listener& listener : listeners_) listener.resume();
  }
  void on_tick() noexcept {
    for (Listener& listener : listeners_) listener.on_tick();
  }
  void close() noexcept {
    for (Listener& listener : listeners_) listener.close();
  }

  /// From any thread, see Listener::abandon. False if it was of no use to any.
  bool abandon() noexcept {
    const std::lock_guard lock(list_mutex_);
    bool some_were_abandoned = false;
    for (Listener& listener : listeners_) some_were_abandoned |= listener.abandon();
    return some_were_abandoned;
  }

 private:
  const Listener::Owner owner_;
  loop::EventLoop& loop_;
  std::mutex list_mutex_;  // `abandon` reads the list, the loop's thread alone changes it
  std::list<Listener> listeners_;
};

}  // namespace chopin::server
