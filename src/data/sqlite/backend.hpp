#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "data/backend.hpp"
#include "data/failed_batches.hpp"
#include "data/sqlite/connection.hpp"
#include "data/sqlite/job.hpp"
#include "data/sqlite/threads.hpp"
#include "loop/deadlines.hpp"
#include "loop/event_loop.hpp"

namespace chopin::data::sqlite {

/// A worker's way to an SQLite database. With one in memory, the worker runs bounded reads itself; all else
/// goes to the threads.
///
/// Thread safety, lifetime, throws: see data::Backend.
class SqliteBackend final : public Backend,
                            private Job::Owner,
                            private CompletedJobs::Receiver,
                            private loop::Task {
 public:
  struct Timeouts {
    std::chrono::milliseconds acquire;
    std::chrono::milliseconds statement;
  };

  SqliteBackend(Threads& threads, const Timeouts& timeouts, loop::EventLoop& loop);
  ~SqliteBackend() override;

  bool run_now(Batch& batch) noexcept override;
  void start(Batch& batch) noexcept override { start_on(batch, nullptr); }
  void withdraw(Batch& batch) noexcept override;

  void acquire(LaneRequest& request) noexcept override;
  void withdraw(LaneRequest& request) noexcept override;
  void release(Lane& lane) noexcept override;

  [[nodiscard]] std::string state() const override { return threads_.state(); }

 private:
  /// The writer, for as long as it is acquired.
  class WriterLane final : public Lane {
   public:
    WriterLane(SqliteBackend& backend, std::shared_ptr<WriterLease> lease) noexcept
        : backend_(backend), lease_(std::move(lease)) {}

    void start(Batch& batch) noexcept override { backend_.start_on(batch, lease_.get()); }
    void withdraw(Batch& batch) noexcept override { backend_.withdraw(batch); }
    [[nodiscard]] WriterLease& lease() const noexcept { return *lease_; }

   private:
    SqliteBackend& backend_;
    const std::shared_ptr<WriterLease> lease_;
  };
  using Requests = boost::intrusive::list<LaneRequest, boost::intrusive::constant_time_size<false>>;

  void start_on(Batch& batch, WriterLease* lease) noexcept;
  [[nodiscard]] Connection* reading_connection() noexcept;
  [[nodiscard]] std::unique_ptr<Job> make_job();
  void hand_over(std::unique_ptr<Job>& job);
  void wait_for(Job& job) noexcept;
  void withdraw(Job& job) noexcept;
  void grant(LaneRequest& request, const std::shared_ptr<WriterLease>& lease) noexcept;
  void fail(LaneRequest& request, std::exception_ptr error) noexcept;
  static void give_up(Job& job, const std::exception_ptr& error) noexcept;

  void on_job_deadline(Job& job) noexcept override;
  void on_job_done(std::unique_ptr<Job> job) noexcept override;
  void run() noexcept override;

  Threads& threads_;
  const Timeouts timeouts_;
  loop::EventLoop& loop_;
  const std::shared_ptr<CompletedJobs> completed_;
  std::unique_ptr<Connection> connection_;  // the worker's own, once it is needed
  WorkerJobList jobs_;                      // with the threads, or on their way back
  std::vector<std::unique_ptr<WriterLane>> lanes_;
  FailedBatches failed_batches_;
  Requests failed_requests_;
  std::exception_ptr request_error_;  // of all of them
  loop::ExactDeadlineQueue waiting_;
  loop::ExactDeadlineQueue opening_;
  loop::ExactDeadlineQueue running_;
};

}  // namespace chopin::data::sqlite
