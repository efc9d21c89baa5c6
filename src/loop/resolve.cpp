#include "chopin/resolve.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "loop/event_loop.hpp"
#include "loop/resolver.hpp"
#include "loop/timers.hpp"

namespace chopin {
namespace {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// A coroutine that waits for the addresses of a host, at most for a time. Owns itself.
template <class Handler>
class Resolution final : public loop::Timer, private loop::HostQuestion::Asker {
 public:
  Resolution(Handler handler, loop::EventLoop& loop) : handler_(std::move(handler)), loop_(loop) {}

  /// Throws std::bad_alloc, and has then deleted itself.
  void start(std::string host, std::uint16_t port, std::chrono::nanoseconds timeout) try {
    loop::Resolver& resolver = loop::Resolver::of_process();
    Asker& asker = *this;
    question_ = std::make_shared<loop::HostQuestion>(std::move(host), port, asker, loop_.tasks());
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected()) {
      slot.assign(
          [this](boost::asio::cancellation_type) { end_soon(boost::asio::error::operation_aborted); });
    }
    const TimePoint now = std::chrono::steady_clock::now();
    loop_.timers().start(*this, now + std::min<TimePoint::duration>(timeout, TimePoint::max() - now));
    const boost::system::error_code error = resolver.add(question_);
    if (error) end_soon(error);
  } catch (...) {
    delete this;
    throw;
  }

  void on_timer() noexcept override {
    question_->withdraw();
    complete();
  }
  void discard() noexcept override {
    question_->withdraw();
    delete this;
  }

 private:
  ~Resolution() = default;

  void on_found(system::HostAddresses found) noexcept override {
    stop();
    found_ = std::move(found);
    complete();
  }

  /// Not completed at once: the caller must not be called back within its own call.
  void end_soon(boost::system::error_code error) noexcept {
    question_->withdraw();
    found_.error = error;
    loop_.timers().start(*this, TimePoint::min());
  }

  void complete() noexcept {
    const Log& log = loop_.log();
    try {
      Handler handler(std::move(handler_));
      system::HostAddresses found = std::move(found_);
      delete this;
      boost::asio::get_associated_cancellation_slot(handler).clear();
      std::move(handler)(found.error, std::move(found.endpoints));
    } catch (...) {
      loop::log_task_exception(log);
    }
  }

  Handler handler_;
  loop::EventLoop& loop_;
  std::shared_ptr<loop::HostQuestion> question_;
  system::HostAddresses found_{.error = boost::asio::error::timed_out, .endpoints = {}};
};

Task<Endpoints> ask(std::string host, std::uint16_t port, std::chrono::nanoseconds timeout) {
  constexpr boost::asio::use_awaitable_t<Executor> token;
  return boost::asio::async_initiate<decltype(token), void(boost::system::error_code, Endpoints)>(
      [host = std::move(host), port, timeout](auto handler) mutable {
        const Executor executor = boost::asio::get_associated_executor(handler);
        (new Resolution<decltype(handler)>(std::move(handler), executor.loop()))
            ->start(std::move(host), port, timeout);
      },
      token);
}

}  // namespace

Task<Endpoints> resolve(std::string host, std::uint16_t port, std::chrono::nanoseconds timeout) {
  boost::system::error_code not_digits;
  const auto address = boost::asio::ip::make_address(host, not_digits);
  if (!not_digits && host.find('\0') == std::string::npos) co_return Endpoints{{address, port}};
  co_return co_await ask(std::move(host), port, timeout);
}

}  // namespace chopin
