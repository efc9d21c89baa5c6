#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>

#include "chopin/byte_buffer.hpp"
#include "data/postgres/pool.hpp"

namespace chopin::data::postgres {

/// A place for one connection.
class Pool::Slot final : private ConnectionRequest::Asker {
 public:
  explicit Slot(Pool& pool) noexcept : pool_(pool) {}
  ~Slot() {
    if (request_ != nullptr) request_->withdraw();
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  /// Asks for a connection unless there is one, or will be.
  void open() noexcept;
  [[nodiscard]] bool is_empty() const noexcept { return connection_ == nullptr && request_ == nullptr; }
  [[nodiscard]] bool is_opening() const noexcept { return request_ != nullptr; }
  [[nodiscard]] bool is_connected() const noexcept {
    return connection_ != nullptr && !connection_->is_lost();
  }
  [[nodiscard]] bool is_usable() const noexcept { return is_connected() && !is_leased_; }
  [[nodiscard]] bool is_leased() const noexcept { return is_leased_; }
  /// From now on nobody waits for what runs there, until the lease has ended.
  void abandon() noexcept { abandoned_at_ = std::chrono::steady_clock::now(); }
  [[nodiscard]] bool is_abandoned_before(std::chrono::steady_clock::time_point time) const noexcept {
    return abandoned_at_ && *abandoned_at_ <= time;
  }
  [[nodiscard]] Connection* connection() const noexcept { return connection_.get(); }

  /// There must be a connection.
  Connection& lease() noexcept {
    is_leased_ = true;
    return *connection_;
  }
  void end_lease() noexcept {
    is_leased_ = false;
    abandoned_at_.reset();
  }
  [[nodiscard]] std::unique_ptr<Connection> take() noexcept { return std::move(connection_); }

 private:
  void on_connected(Handle handle) noexcept override;
  void on_refused(const std::string& why) noexcept override;

  Pool& pool_;
  std::unique_ptr<Connection> connection_;
  std::shared_ptr<ConnectionRequest> request_;
  bool is_leased_ = false;
  std::optional<std::chrono::steady_clock::time_point> abandoned_at_;
};

/// A slow statement: a batch that has a lane while it runs.
class Pool::SlowRun final : public LaneRequest, public Batch {
 public:
  SlowRun(Pool& pool, Batch& original) noexcept
      : Batch(original.queries(), original.together()), pool_(pool), original_(original) {}

  void discard() noexcept override { original_.discard(); }
  [[nodiscard]] bool has_lane() const noexcept { return lane_ != nullptr; }
  [[nodiscard]] bool is_of(const Batch& batch) const noexcept { return &original_ == &batch; }
  /// Gives the lane back.
  void give_up() noexcept;

 private:
  void on_lane(Lane* lane, std::exception_ptr error) noexcept override;
  void on_done() noexcept override;
  void finish() noexcept;

  Pool& pool_;
  Batch& original_;
  Lane* lane_ = nullptr;
};

/// Ends the transaction that a lease has left open. Owns itself.
class Pool::Rollback final : public Batch {
 public:
  static void start(Pool& pool, Connection& connection);

 private:
  Rollback(Pool& pool, Connection& connection);
  ~Rollback() = default;
  void on_done() noexcept override;
  void discard() noexcept override { delete this; }

  Pool& pool_;
  Connection& connection_;
  Query query_;
};

}  // namespace chopin::data::postgres
