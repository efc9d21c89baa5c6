#pragma once

#include <cstddef>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/detail/thread_context.hpp>
#include <boost/asio/detail/thread_info_base.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "chopin/executor.hpp"

namespace chopin::loop {

/// The outermost coroutine of a thread of execution. Nothing may leave it.
using Coroutine = boost::asio::awaitable<boost::asio::detail::awaitable_thread_entry_point, Executor>;

/// Starts a coroutine on the loop's own thread, and returns when it has ended or awaits something. It is
/// cancelled by `slot`. asio::co_spawn would cost three more frames, and two rounds of the loop for a
/// coroutine that awaits nothing. Throws std::bad_alloc.
inline void start(Coroutine coroutine, const Executor& executor, boost::asio::cancellation_slot slot) {
  const boost::asio::cancellation_state state(slot);
  boost::asio::detail::awaitable_handler<Executor, void>(std::move(coroutine), executor, slot, state)
      .launch();
}

/// While it exists, Asio keeps freed frames of coroutines, and the like, for the next ones on this thread, as
/// it does in an io_context's thread.
class CoroutineMemory : private boost::asio::detail::thread_context {
 public:
  CoroutineMemory() noexcept : here_(this, kept_) {}
  CoroutineMemory(const CoroutineMemory&) = delete;
  CoroutineMemory& operator=(const CoroutineMemory&) = delete;

 private:
  boost::asio::detail::thread_info_base kept_;
  thread_call_stack::context here_;
};

/// A base of objects for which a coroutine waits: they are in the memory that CoroutineMemory keeps, so that
/// waiting allocates little else.
class Recycled {
 public:
  static void* operator new(std::size_t size) { return Memory().allocate(size); }
  static void operator delete(void* memory, std::size_t size) noexcept {
    Memory().deallocate(static_cast<std::byte*>(memory), size);
  }

 protected:
  ~Recycled() = default;

 private:
  using Memory = boost::asio::recycling_allocator<std::byte>;
};

}  // namespace chopin::loop
