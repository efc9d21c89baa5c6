#include "loop/asio_context.hpp"

#include <stdexcept>
#include <type_traits>

#include <boost/asio/detail/scheduler.hpp>

namespace chopin::loop {
namespace {

using Scheduler = boost::asio::detail::scheduler;

[[noreturn]] boost::asio::detail::scheduler_task* refuse(boost::asio::execution_context& /*context*/) {
  throw std::logic_error(
      "a chopin::Executor runs none of Asio's timers, sockets and signal sets: use chopin::sleep_for, or the "
      "io_context of the Responder");
}

/// Boost 1.83 takes a concurrency hint, Boost 1.88 reads it from the context. A template, so that the branch
/// for the other Boost is not compiled.
template <class AnyScheduler>
void add_scheduler(boost::asio::execution_context& context) {
  constexpr int concurrency_hint = 0;
  constexpr bool own_thread = false;
  if constexpr (std::is_constructible_v<AnyScheduler, boost::asio::execution_context&, int, bool,
                                        decltype(&refuse)>) {
    boost::asio::make_service<AnyScheduler>(context, concurrency_hint, own_thread, &refuse);
  } else {
    boost::asio::make_service<AnyScheduler>(context, own_thread, &refuse);
  }
}

}  // namespace

/// Asio's services for timers and descriptors first make the scheduler create its reactor. This scheduler has
/// no thread, and `refuse` in place of the function that creates a reactor: so it throws.
std::unique_ptr<boost::asio::execution_context> make_asio_context() {
  auto context = std::make_unique<boost::asio::execution_context>();
  add_scheduler<Scheduler>(*context);
  return context;
}

}  // namespace chopin::loop
