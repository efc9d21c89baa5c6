#include "server/signals.hpp"

#include <csignal>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/error_code.hpp>

#include "log/log.hpp"

namespace chopin::server {

connection::Counters serve_until_signalled(Launcher& launcher, const std::function<void()>& on_ready) {
  boost::asio::io_context io_context;
  boost::asio::signal_set signals(io_context, SIGINT, SIGTERM);
  bool drains = false;
  bool cuts = false;
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    log::info("stopping: no new connections, requests in flight are finished");
    drains = true;
    launcher.drain();
    signals.async_wait([&](const boost::system::error_code& second_ec, int) {
      if (second_ec) return;
      log::warn("stopping at once");
      cuts = true;
      launcher.cut();
    });
  });
  // ThreadSanitizer's runtime (GCC 12) loses a signal that comes while it prepares a thread's first wait.
  io_context.poll();
  launcher.start([&] { boost::asio::post(io_context, [&] { signals.cancel(); }); });
  if (drains) launcher.drain();  // the signal came before there were workers
  if (cuts) launcher.cut();
  try {
    on_ready();
  } catch (...) {
    launcher.cut();
    launcher.join();  // before io_context ends: the last worker posts to it
    throw;
  }
  io_context.run();
  const connection::Counters counters = launcher.join();
  connection::log_summary(counters);
  return counters;
}

}  // namespace chopin::server
