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

/// Asio's services for timers and descriptors first make the scheduler create its reactor. This scheduler has
/// no thread, and `refuse` in place of the function that creates a reactor: so it throws.
std::unique_ptr<boost::asio::execution_context> make_asio_context() {
  constexpr int concurrency_hint = 0;
  constexpr bool own_thread = false;
  auto context = std::make_unique<boost::asio::execution_context>();
  boost::asio::add_service(*context, new Scheduler(*context, concurrency_hint, own_thread, &refuse));
  return context;
}

}  // namespace chopin::loop
