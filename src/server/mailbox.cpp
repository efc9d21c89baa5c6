#include "server/mailbox.hpp"

#include <cerrno>
#include <exception>
#include <sys/eventfd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "log/log.hpp"

namespace chopin::server {
namespace {

int open_eventfd() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) {
    throw boost::system::system_error({errno, boost::system::system_category()}, "eventfd");
  }
  return fd;
}

}  // namespace

Mailbox::Mailbox(boost::asio::io_context& io_context, std::function<void(Letter)> on_letter)
    : event_(std::make_unique<Event>(io_context, open_eventfd())), on_letter_(std::move(on_letter)) {
  receive();
}

bool Mailbox::post(Letter letter) {
  const std::lock_guard lock(mutex_);
  if (!open_) return false;
  queue_.push_back(std::move(letter));
  eventfd_write(event_->native_handle(), 1);
  return true;
}

void Mailbox::close() {
  std::vector<Letter> unread;  // goes without the lock: a letter may post in its end
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  open_ = false;
  unread.swap(queue_);
  boost::system::error_code ec;
  event_->close(ec);
}

void Mailbox::detach() {
  close();
  event_.reset();
}

void Mailbox::receive() {
  event_->async_read_some(boost::asio::buffer(&wakes_, sizeof wakes_),
                          completion<&Mailbox::on_wake>(*this, operation_memory_));
}

void Mailbox::on_wake(const boost::system::error_code& ec, std::size_t) {
  if (ec == boost::asio::error::operation_aborted) return;
  std::vector<Letter> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(queue_);
  }
  for (Letter& letter : letters) {
    try {
      on_letter_(std::move(letter));
    } catch (const std::exception& error) {  // the next one may be a command to stop
      log::error("a message to a worker came to nothing: {}", error.what());
    }
  }
  if (event_->is_open()) receive();
}

}  // namespace chopin::server
