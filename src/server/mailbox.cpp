#include "server/mailbox.hpp"

#include <cerrno>
#include <sys/eventfd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

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

Mailbox::Mailbox(boost::asio::io_context& io_context, std::function<void(Command)> on_command)
    : event_(io_context, open_eventfd()), on_command_(std::move(on_command)) {
  receive();
}

void Mailbox::post(Command command) {
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  queue_.push_back(command);
  eventfd_write(event_.native_handle(), 1);
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  open_ = false;
  boost::system::error_code ec;
  event_.close(ec);
}

void Mailbox::receive() {
  event_.async_read_some(boost::asio::buffer(&wakes_, sizeof wakes_),
                         completion<&Mailbox::on_wake>(*this, operation_memory_));
}

void Mailbox::on_wake(const boost::system::error_code& ec, std::size_t) {
  if (ec == boost::asio::error::operation_aborted) return;
  std::vector<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(queue_);
  }
  for (const Command command : commands) on_command_(command);
  if (event_.is_open()) receive();
}

}  // namespace chopin::server
