#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "chopin/responder.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {

/// Where a test's handler leaves its responders, for the test to respond.
class Shelf {
 public:
  void put(Responder responder) {
    const std::lock_guard lock(mutex_);
    responders_.push_back(std::move(responder));
    changed_.notify_all();
  }
  /// The oldest; waits for one.
  Responder take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return !responders_.empty(); })) {
      throw std::runtime_error("no request has come");
    }
    Responder responder = std::move(responders_.front());
    responders_.pop_front();
    return responder;
  }
  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock(mutex_);
    return responders_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Responder> responders_;
};

}  // namespace chopin::test
