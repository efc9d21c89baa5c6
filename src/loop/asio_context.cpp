#include "loop/asio_context.hpp"

#include <stdexcept>

#include <boost/asio/detail/scheduler.hpp>

namespace chopin::loop {
namespace {

using Scheduler = boost::asio::detail::scheduler;

[[noreturn]] boost::asio::detail::scheduler_task* refuse(boost::asio::execution_context& /*context*/) {
  throw std::logic_error(
      "a chopin::Executor runs none of Asio's timers, sockets and signal sets: use chopin::sleep_for, or the "
      "io_context of the Responder");
}

}  // namespace

/// Each of those services first has the scheduler get the task that waits for descriptors. With a scheduler
/// already there, without a thread, and with this function in place of Asio's, it gets an exception.
std::unique_ptr<boost::asio::execution_context> make_asio_context() {
  constexpr int concurrency_hint = 0;
  constexpr bool own_thread = false;
  auto context = std::make_unique<boost::asio::execution_context>();
  boost::asio::add_service(*context, new Scheduler(*context, concurrency_hint, own_thread, &refuse));
  return context;
}

}  // namespace chopin::loop
