#include "loop/io_context_guest.hpp"

#include <boost/asio/detail/epoll_reactor.hpp>

namespace chopin::loop {
namespace {

using Reactor = boost::asio::detail::epoll_reactor;

int epoll_descriptor_of(const Reactor& reactor) noexcept;

/// Asio has no public function for the descriptor it waits on. An explicit instantiation may name a private
/// member (C++20, temp.spec 13.9.1 paragraph 6), and the friend function that it defines returns it.
template <int Reactor::* Descriptor>
struct EpollDescriptor {
  friend int epoll_descriptor_of(const Reactor& reactor) noexcept { return reactor.*Descriptor; }
};
template struct EpollDescriptor<&Reactor::epoll_fd_>;

}  // namespace

/// The hint is safe with a single thread, and spares scheduler and reactor their locks.
IoContextGuest::IoContextGuest(EventLoop& loop)
    : loop_(loop), io_context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE) {
  loop.set_guest(this);
}

IoContextGuest::~IoContextGuest() {
  loop_.set_guest(nullptr);
}

boost::asio::io_context& IoContextGuest::lend() {
  if (!is_lent_) {
    const auto& reactor = boost::asio::use_service<Reactor>(io_context_);
    loop_.require_watch(epoll_descriptor_of(reactor), *this);
    loop_.follow_application_code(*this);  // which may post work that no descriptor shows
    is_lent_ = true;
  }
  return io_context_;
}

/// Makes no system call if no operation is under way. In that case Asio does not look at its epoll set
/// either, which may stay ready: so the loop watches it edge-triggered.
void IoContextGuest::run() noexcept {
  constexpr int most = 64;
  io_context_.restart();
  for (int i = 0; i < most; ++i) {
    try {
      if (io_context_.poll_one() == 0) return;
    } catch (...) {
      log_task_exception(loop_.log());
    }
  }
  loop_.run_next_round(*this);
}

void IoContextGuest::on_events(Events /*events*/) noexcept {
  run();
}

}  // namespace chopin::loop
