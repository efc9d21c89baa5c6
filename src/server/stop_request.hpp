#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

namespace chopin::server {

/// A request to stop that the program itself makes, once.
///
/// Thread safety: any thread.
/// Lifetime: must outlive the threads that wait.
/// Throws: std::bad_alloc from `wake_with`.
class StopRequest {
 public:
  void make() noexcept {
    const std::lock_guard lock(mutex_);
    is_made_ = true;
    changed_.notify_all();
    if (wake_) wake_();
  }
  [[nodiscard]] bool is_made() const noexcept {
    const std::lock_guard lock(mutex_);
    return is_made_;
  }
  /// Blocks until it is made.
  void wait() const noexcept {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_made_; });
  }
  /// From now on `wake` is called when it is made. `wake` must not throw.
  void wake_with(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_made_ = false;        // under mutex_
  std::function<void()> wake_;  // under mutex_
};

}  // namespace chopin::server
