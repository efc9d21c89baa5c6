#include "server/dealt_connections.hpp"

#include <utility>

namespace chopin::server {

bool DealtConnections::add(connection::Connection connection) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(connection));
  ++dealt_;
  if (std::exchange(worker_is_told_, true)) return false;
  told_at_ = Clock::now();
  return true;
}

std::vector<connection::Connection> DealtConnections::take() {
  const std::lock_guard lock(mutex_);
  worker_is_told_ = false;
  return std::exchange(waiting_, {});
}

std::vector<connection::Connection> DealtConnections::take_back() {
  const std::lock_guard lock(mutex_);
  dealt_ -= waiting_.size();
  return std::exchange(waiting_, {});
}

bool DealtConnections::are_taken_promptly() const noexcept {
  const std::lock_guard lock(mutex_);
  return !worker_is_told_ || Clock::now() - told_at_ < patience;
}

bool DealtConnections::is_empty() const noexcept {
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

}  // namespace chopin::server
