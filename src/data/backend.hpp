#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/list.hpp>

#include "chopin/worker_service.hpp"
#include "data/batch.hpp"

namespace chopin::data {

/// Where batches run, one after the other.
///
/// Thread safety: the thread of the worker that has it.
/// Lifetime: see Backend.
/// Throws: nothing; errors are those of the queries.
class Lane {
 public:
  Lane() noexcept = default;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// Runs the batch at once, if it may be run on this thread: `on_done` is not called then. Otherwise
  /// returns false and has done nothing.
  virtual bool run_now(Batch& /*batch*/) noexcept { return false; }
  /// Runs the batch and calls its `on_done`, later.
  virtual void start(Batch& batch) noexcept = 0;
  /// The batch is not wanted any more: `on_done` is not called, and the batch may end. Statements that were
  /// sent may run all the same.
  virtual void withdraw(Batch& batch) noexcept = 0;
  /// Who started the batch says that it is done, and how.
  virtual void note_done(const Batch& /*batch*/, bool /*has_failed*/) noexcept {}

 protected:
  ~Lane() = default;
};

/// Who waits for a lane of its own.
class LaneRequest
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  LaneRequest() noexcept = default;
  LaneRequest(const LaneRequest&) = delete;
  LaneRequest& operator=(const LaneRequest&) = delete;

  /// `lane` is null if there is an error (a DatabaseError): none became free in time, or there is no
  /// connection. Never called within Backend::acquire.
  virtual void on_lane(Lane* lane, std::exception_ptr error) noexcept = 0;

  /// The tick of the loop's coarse clock at which it began to wait.
  void note_waiting(std::uint32_t tick) noexcept { waits_since_ = tick; }
  [[nodiscard]] std::uint32_t waits_since() const noexcept { return waits_since_; }

 protected:
  ~LaneRequest() = default;

 private:
  std::uint32_t waits_since_ = 0;
};

/// A coroutine that has a lane of its own. Each that can be cancelled has a slot, the same in all it calls.
class LaneHolder
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  explicit LaneHolder(boost::asio::cancellation_slot coroutine) noexcept : coroutine_(coroutine) {}
  LaneHolder(const LaneHolder&) = delete;
  LaneHolder& operator=(const LaneHolder&) = delete;

  [[nodiscard]] bool is(boost::asio::cancellation_slot coroutine) const noexcept {
    return coroutine_.is_connected() && coroutine_ == coroutine;
  }

 protected:
  ~LaneHolder() = default;

 private:
  const boost::asio::cancellation_slot coroutine_;
};

/// A worker's way to the database: itself the lane for statements that stand alone.
///
/// Thread safety: the worker's thread.
/// Lifetime: made and destroyed on it. Batches that still wait are discarded at the end, requests dropped.
/// Throws: nothing but the constructors.
class Backend : public Lane {
 public:
  virtual ~Backend() = default;

  /// A lane that nobody else uses until it is released, within the acquire timeout.
  virtual void acquire(LaneRequest& request) noexcept = 0;
  /// The request is not wanted any more: `on_lane` is not called.
  virtual void withdraw(LaneRequest& request) noexcept = 0;
  using Lane::withdraw;
  /// A transaction that is open there is rolled back, by closing the connection where that is the only way.
  /// Batches under way must be withdrawn before.
  virtual void release(Lane& lane) noexcept = 0;

  /// False as long as other workers may use what this one has.
  [[nodiscard]] virtual bool may_end() const noexcept { return true; }
  /// "2 connections, 1 of them busy, 0 waiting", for messages.
  [[nodiscard]] virtual std::string state() const = 0;

  void note_holder(LaneHolder& holder) noexcept { holders_.push_back(holder); }
  [[nodiscard]] bool is_lane_held_by(boost::asio::cancellation_slot coroutine) const noexcept {
    return std::ranges::any_of(holders_, [&](const LaneHolder& holder) { return holder.is(coroutine); });
  }

 private:
  boost::intrusive::list<LaneHolder, boost::intrusive::constant_time_size<false>> holders_;
};

/// A database, for all workers.
///
/// Thread safety: `make_backend` from any thread, by several workers at once.
/// Lifetime: longer than its backends. The destructor ends its threads, within a bounded time.
/// Throws: `make_backend`: std::bad_alloc, std::system_error. It waits for no connection and opens no file.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  virtual std::unique_ptr<Backend> make_backend(const WorkerScope& scope) = 0;
};

}  // namespace chopin::data
