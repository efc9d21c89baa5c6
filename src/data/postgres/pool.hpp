#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "chopin/config.hpp"
#include "data/backend.hpp"
#include "data/failed_batches.hpp"
#include "data/postgres/connection.hpp"
#include "data/postgres/connector.hpp"
#include "loop/coarse_clock.hpp"
#include "loop/event_loop.hpp"

namespace chopin::data::postgres {

/// The connections of one worker. Some are shared by batches, which go to the least loaded; the others are
/// lanes for transactions and slow statements, so that nothing waits behind those. A single connection is
/// both. Each is made when it is first needed, and again whenever it is lost.
///
/// Thread safety: the worker's thread.
/// Lifetime: must end before the loop.
/// Throws: the constructor: std::bad_alloc.
class Pool final : public Backend, private Connection::Owner, private loop::TickHandler, private loop::Task {
 public:
  struct Options {
    std::size_t connections = 2;  // at least 1
    std::size_t pipeline = 8;     // batches in flight on each
    Conversation::Statements statements = Conversation::Statements::named;
    std::chrono::milliseconds acquire_timeout{2000};
    std::chrono::milliseconds statement_timeout{5000};
    bool opens_at_once = false;  // the first connection, before it is needed
  };
  /// The most batches, and the most requests for a lane, that wait. Over it: 53300.
  static constexpr std::size_t most_waiting = 4096;

  /// `connector` must outlive this.
  Pool(Options options, Connector& connector, loop::EventLoop& loop);
  ~Pool() override;

  void start(Batch& batch) noexcept override;
  void withdraw(Batch& batch) noexcept override;
  void acquire(LaneRequest& request) noexcept override;
  void withdraw(LaneRequest& request) noexcept override;
  void release(Lane& lane) noexcept override;
  [[nodiscard]] std::string state() const override;

 private:
  class Slot;  // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final
  class SlowRun;
  class Rollback;  // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final

  void on_change(Connection& connection) noexcept override;
  void on_tick() noexcept override;
  void run() noexcept override;
  void on_refused(const std::string& why) noexcept;
  void refuse_requests_if_unreachable() noexcept;
  void end_lease(Connection& connection) noexcept;

  [[nodiscard]] static bool is_slow(const Batch& batch) noexcept;
  void start_slow(Batch& batch) noexcept;
  [[nodiscard]] Slot* free_shared() noexcept;
  [[nodiscard]] Slot* free_lane() noexcept;
  [[nodiscard]] std::size_t first_lane() const noexcept { return slots_.size() == 1 ? 0 : shared_; }
  [[nodiscard]] Slot* slot_of(const Connection& connection) noexcept;
  [[nodiscard]] bool has_connection(std::size_t first, std::size_t last) const noexcept;
  void open(std::size_t first, std::size_t last) noexcept;
  void serve() noexcept;
  void expire() noexcept;
  void fail_first_waiting(const std::exception_ptr& error) noexcept;
  void refuse_first_request(const std::exception_ptr& error) noexcept;
  [[nodiscard]] std::exception_ptr too_late(std::size_t first, std::size_t last) const;
  [[nodiscard]] std::exception_ptr busy() const;
  [[nodiscard]] std::exception_ptr unreachable() const;
  [[nodiscard]] std::exception_ptr silence() const;

  const Options options_;
  Connector& connector_;
  loop::EventLoop& loop_;
  std::vector<char> space_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::size_t shared_;  // the first ones are shared, the others lanes
  BatchList waiting_;
  std::size_t waiting_count_ = 0;
  boost::intrusive::list<LaneRequest, boost::intrusive::constant_time_size<false>> requests_;
  std::vector<std::unique_ptr<SlowRun>> slow_runs_;
  std::vector<std::unique_ptr<Connection>> lost_;  // to be destroyed in the next round
  std::string refused_;                            // why there is no connection; empty: there may be one soon
  FailedBatches failed_;
};

}  // namespace chopin::data::postgres
