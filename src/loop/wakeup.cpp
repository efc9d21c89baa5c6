#include "loop/wakeup.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>

namespace chopin::loop {

chopin::Task<> Wakeup::wait() {
  constexpr Token token;
  return boost::asio::async_initiate<decltype(token), void(boost::system::error_code)>(
      [this](Waiter waiter) {
        auto slot = boost::asio::get_associated_cancellation_slot(waiter);
        if (slot.is_connected()) {
          slot.assign([this](boost::asio::cancellation_type /*type*/) { loop_.run_next_round(*this); });
        }
        waiter_.emplace(std::move(waiter));
      },
      token);
}

void Wakeup::resume(boost::system::error_code error) noexcept {
  if (!waiter_) return;
  Waiter waiter(std::move(*waiter_));
  waiter_.reset();
  Task::unlink();
  boost::asio::get_associated_cancellation_slot(waiter).clear();
  loop_.note_application_code();
  try {
    std::move(waiter)(error);
  } catch (...) {
    log_task_exception(loop_.log());
  }
}

}  // namespace chopin::loop
