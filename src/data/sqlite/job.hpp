#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include <boost/container/small_vector.hpp>
#include <boost/intrusive/list.hpp>

#include "chopin/loop_task.hpp"
#include "data/backend.hpp"
#include "loop/deadlines.hpp"
#include "loop/task_queue.hpp"

namespace chopin::data::sqlite {

class CompletedJobs;  // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final
class Job;            // NOLINT(cppcoreguidelines-virtual-class-destructor): which is final

using JobHook = boost::intrusive::list_base_hook<boost::intrusive::tag<class ThreadsTag>>;
using WorkerJobHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<class WorkerTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using JobList = boost::intrusive::list<Job, boost::intrusive::base_hook<JobHook>>;
using WorkerJobList = boost::intrusive::list<Job, boost::intrusive::base_hook<WorkerJobHook>,
                                             boost::intrusive::constant_time_size<false>>;

/// The writer for one worker alone. Shared by the worker and the writer's thread.
struct WriterLease {
  JobList waiting;           // under the mutex of Threads
  bool is_released = false;  // under the mutex of Threads
  // The writer's thread only: a statement of the open transaction has failed, so that it can only be rolled
  // back, as in PostgreSQL.
  bool has_failed = false;
};

/// What a worker gives to the threads: a copy of a batch, which the worker may withdraw while the copy runs,
/// or a request for the writer.
///
/// Thread safety: the worker's parts on its thread only; the rest belongs to who has the job: Threads from
/// `add` on, the worker again once it comes back through CompletedJobs.
/// Lifetime: deleted by the worker, or by a thread if the worker is gone.
/// Throws: nothing.
class Job final : public JobHook, public WorkerJobHook, public loop::Deadline {
 public:
  /// The worker's side.
  class Owner {
   public:
    virtual void on_job_deadline(Job& job) noexcept = 0;

   protected:
    ~Owner() = default;
  };

  Job(Owner& owner, std::shared_ptr<CompletedJobs> completed) noexcept
      : owner_(owner), completed_(std::move(completed)) {}

  // The worker's parts.
  Batch* batch = nullptr;  ///< null once it is withdrawn, and for a request
  LaneRequest* request = nullptr;
  bool is_late = false;  ///< it ran already when the deadline for its wait came

  // The parts of who has it.
  boost::container::small_vector<Query, 1> queries;
  Together together = Together::no;
  std::shared_ptr<WriterLease> requested;  ///< the lease, if this is a request for one
  WriterLease* lease = nullptr;            ///< where it runs; null: anywhere
  std::exception_ptr error;                ///< of a request

  std::atomic<bool> is_unwanted = false;

  void fail(const std::exception_ptr& reason) noexcept {
    error = reason;
    for (Query& query : queries) query.error = reason;
  }

 private:
  friend class Threads;
  friend void complete(std::unique_ptr<Job> job) noexcept;

  void on_deadline() noexcept override { owner_.on_job_deadline(*this); }

  Owner& owner_;
  const std::shared_ptr<CompletedJobs> completed_;
  JobList* waits_in_ = nullptr;  // under the mutex of Threads; null: it does not wait
};

/// How jobs come back to their worker: as one task, however many they are.
///
/// Thread safety: `add` from any thread, `close` on the worker's.
/// Lifetime: shared by the backend and its jobs.
/// Throws: nothing.
class CompletedJobs final : public loop::Task, public std::enable_shared_from_this<CompletedJobs> {
 public:
  class Receiver {
   public:
    virtual void on_job_done(std::unique_ptr<Job> job) noexcept = 0;

   protected:
    ~Receiver() = default;
  };

  CompletedJobs(Receiver& receiver, std::shared_ptr<loop::TaskQueue> loop) noexcept
      : receiver_(&receiver), loop_(std::move(loop)) {}

  void add(std::unique_ptr<Job> job) noexcept;
  /// The receiver gets no more. Until then no other thread deletes a job, so the worker may look at those
  /// that are under way.
  void close() noexcept;

 private:
  void run() noexcept override;
  void discard() noexcept override;

  Receiver* receiver_;  // only the worker's thread reads and writes it
  const std::shared_ptr<loop::TaskQueue> loop_;
  std::mutex mutex_;
  JobList jobs_;                         // under mutex_
  bool is_closed_ = false;               // under mutex_
  std::shared_ptr<CompletedJobs> self_;  // under mutex_: while it waits in the loop's queue
};

/// Gives the job back to its worker.
void complete(std::unique_ptr<Job> job) noexcept;
void complete_all(JobList& jobs) noexcept;

}  // namespace chopin::data::sqlite
