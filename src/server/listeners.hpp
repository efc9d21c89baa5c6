#pragma once

#include <functional>
#include <list>
#include <utility>

#include "server/listener.hpp"

namespace chopin::server {

/// The listeners of one loop: several if it listens on several addresses, or on sockets of another process.
///
/// Thread safety: one thread, that of the loop.
/// Lifetime: must not outlive its loop.
/// Throws: `add`, and std::bad_alloc from `close`.
class Listeners {
 public:
  Listeners(connection::ConnectionLimit& limit, loop::EventLoop& loop,
            std::function<void(connection::Connection)> on_connection)
      : limit_(limit), loop_(loop), on_connection_(std::move(on_connection)) {}

  /// Accepts connections on `socket` from now on. Throws std::system_error.
  void add(system::Descriptor socket) {
    Listener& added = listeners_.emplace_back(std::move(socket), limit_, loop_, on_connection_);
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
  void close() {
    for (Listener& listener : listeners_) listener.close();
  }

 private:
  connection::ConnectionLimit& limit_;
  loop::EventLoop& loop_;
  const std::function<void(connection::Connection)> on_connection_;
  std::list<Listener> listeners_;
};

}  // namespace chopin::server
