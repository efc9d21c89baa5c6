#include "data/sqlite/backend.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "data/sqlite/queries.hpp"

namespace chopin::data::sqlite {
namespace {

/// What a worker gives one batch: half a millisecond or so.
constexpr Limits limits_on_worker{.steps = 20, .most_bytes = std::size_t{1024} * 1024};
/// How often a statement that was too much for the worker goes to the threads at once.
constexpr unsigned skips_after_too_much = 64;

std::exception_ptr error_of_wait(std::string_view sqlstate, std::string_view what,
                                 std::chrono::milliseconds length, const Threads& threads) noexcept {
  try {
    return std::make_exception_ptr(
        DatabaseError(sqlstate, fmt::format("{} {} ms", what, length.count()), threads.state()));
  } catch (...) {
    return std::current_exception();
  }
}

/// Whether the threads may succeed where the worker has not: what it ran took too long or was too large, or
/// it would have had to wait.
bool is_of_limits(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const DatabaseError& limit) {
    return limit.sqlstate() == "57014" || limit.sqlstate() == "54000" || limit.sqlstate() == "53300";
  } catch (...) {
    return false;
  }
}

}  // namespace

SqliteBackend::SqliteBackend(Threads& threads, const Timeouts& timeouts, loop::EventLoop& loop)
    : threads_(threads),
      timeouts_(timeouts),
      loop_(loop),
      completed_(std::make_shared<CompletedJobs>(static_cast<CompletedJobs::Receiver&>(*this), loop.tasks())),
      failed_batches_(loop),
      waiting_(loop.timers(), timeouts.acquire),
      opening_(loop.timers(), std::max(timeouts.acquire, timeouts.statement)),
      // A statement is stopped after its timeout; what is not stopped then is in the hands of a disk.
      running_(loop.timers(), 2 * timeouts.statement) {}

SqliteBackend::~SqliteBackend() {
  while (!jobs_.empty()) {
    Batch* const batch = jobs_.front().batch;
    withdraw(jobs_.front());
    if (batch != nullptr) batch->discard();
  }
  for (const auto& lane : lanes_) threads_.release(lane->lease());
  completed_->close();
  failed_requests_.clear();
}

bool SqliteBackend::run_now(Batch& batch) noexcept {
  if (!threads_.is_open() || !threads_.place().is_in_memory) return false;
  for (const Query& query : batch.queries()) {
    if (!query.statement->bounded) return false;
  }
  Connection* const connection = reading_connection();
  if (connection == nullptr) return false;
  try {
    for (const Query& query : batch.queries()) {
      Prepared& prepared = connection->prepared(*query.statement);
      if (!prepared.is_readonly() || prepared.take_skip()) return false;
    }
  } catch (...) {
    return false;  // the threads say why
  }
  connection->set_limits(limits_on_worker);
  run_reads(*connection, batch.queries(), batch.together());
  const auto failed = std::ranges::find_if(batch.queries(), has_error);
  if (failed == batch.queries().end() || !is_of_limits(failed->error)) return true;
  for (const Query& query : batch.queries()) {
    connection->prepared(*query.statement).skip(skips_after_too_much);
  }
  forget_results(batch.queries());
  return false;
}

Connection* SqliteBackend::reading_connection() noexcept try {
  if (connection_ == nullptr) {
    connection_ =
        std::make_unique<Connection>(threads_.place(), Connection::Use::worker, threads_.is_ending());
  }
  return connection_.get();
} catch (...) {
  return nullptr;
}

std::unique_ptr<Job> SqliteBackend::make_job() {
  return std::make_unique<Job>(static_cast<Job::Owner&>(*this), completed_);
}

void SqliteBackend::start_on(Batch& batch, WriterLease* lease) noexcept try {
  std::unique_ptr<Job> job = make_job();
  job->batch = &batch;
  job->together = batch.together();
  job->lease = lease;
  job->queries.reserve(batch.queries().size());
  for (Query& query : batch.queries()) {
    job->queries.emplace_back(query.statement, std::move(query.parameters));
  }
  hand_over(job);
} catch (...) {
  failed_batches_.add(batch, std::current_exception());
}

void SqliteBackend::acquire(LaneRequest& request) noexcept try {
  std::unique_ptr<Job> job = make_job();
  job->request = &request;
  job->requested = std::make_shared<WriterLease>();
  hand_over(job);
} catch (...) {
  fail(request, std::current_exception());
}

void SqliteBackend::hand_over(std::unique_ptr<Job>& job) {
  Job& waiting = *job;
  // First, because a thread may have completed the job before `add` returns; it cannot come back before the
  // next round.
  jobs_.push_back(waiting);
  wait_for(waiting);
  threads_.add(job, loop_.log());
}

void SqliteBackend::wait_for(Job& job) noexcept {
  if (job.lease != nullptr) return;  // the lease itself has a deadline
  (threads_.is_open() ? waiting_ : opening_).start(job);
}

void SqliteBackend::withdraw(Batch& batch) noexcept {
  const auto job =
      std::ranges::find_if(jobs_, [&batch](const Job& candidate) { return candidate.batch == &batch; });
  if (job == jobs_.end()) return batch.unlink();  // it has failed at once
  withdraw(*job);
}

void SqliteBackend::withdraw(LaneRequest& request) noexcept {
  const auto job =
      std::ranges::find_if(jobs_, [&request](const Job& candidate) { return candidate.request == &request; });
  if (job == jobs_.end()) return request.unlink();
  withdraw(*job);
}

/// A job that runs comes back when it is done, and is deleted then.
void SqliteBackend::withdraw(Job& job) noexcept {
  job.WorkerJobHook::unlink();
  job.stop();
  job.batch = nullptr;
  job.request = nullptr;
  if (threads_.take_back(job)) {
    delete &job;
    return;
  }
  if (job.requested != nullptr) threads_.release(*job.requested);
  job.is_unwanted.store(true, std::memory_order_relaxed);
}

void SqliteBackend::release(Lane& lane) noexcept {
  const auto found =
      std::ranges::find_if(lanes_, [&lane](const auto& candidate) { return candidate.get() == &lane; });
  threads_.release((*found)->lease());
  lanes_.erase(found);
}

void SqliteBackend::on_job_deadline(Job& job) noexcept {
  const bool is_opening = !threads_.is_open();
  if (threads_.take_back(job)) {
    const std::unique_ptr<Job> owned(&job);
    if (is_opening) {
      return give_up(job, error_of_wait("08001", "the database is not open after",
                                        std::max(timeouts_.acquire, timeouts_.statement), threads_));
    }
    return give_up(
        job, error_of_wait("53300", "no connection has become free within", timeouts_.acquire, threads_));
  }
  if (!std::exchange(job.is_late, true) || job.batch == nullptr) return running_.start(job);
  job.is_unwanted.store(true, std::memory_order_relaxed);
  give_up(job,
          error_of_wait("57014", "the change may have been made or not: the disk has not responded within",
                        timeouts_.acquire + 2 * timeouts_.statement, threads_));
}

/// If it runs, it comes back when it is done, and is deleted then.
void SqliteBackend::give_up(Job& job, const std::exception_ptr& error) noexcept {
  job.WorkerJobHook::unlink();
  job.stop();
  if (Batch* const batch = std::exchange(job.batch, nullptr); batch != nullptr) {
    batch->fail(error);
    batch->on_done();
  } else if (LaneRequest* const request = std::exchange(job.request, nullptr); request != nullptr) {
    request->on_lane(nullptr, error);
  }
}

void SqliteBackend::on_job_done(std::unique_ptr<Job> job) noexcept {
  job->WorkerJobHook::unlink();
  job->stop();
  if (job->request != nullptr) {
    return job->error == nullptr ? grant(*job->request, job->requested)
                                 : job->request->on_lane(nullptr, job->error);
  }
  if (job->batch == nullptr) return;
  Batch& batch = *job->batch;
  for (std::size_t i = 0; i < job->queries.size(); ++i) {
    batch.queries()[i].result = std::move(job->queries[i].result);
    batch.queries()[i].error = std::move(job->queries[i].error);
  }
  job.reset();
  batch.on_done();
}

void SqliteBackend::grant(LaneRequest& request, const std::shared_ptr<WriterLease>& lease) noexcept {
  std::exception_ptr error;
  try {
    lanes_.push_back(std::make_unique<WriterLane>(*this, lease));
  } catch (...) {
    error = std::current_exception();
    threads_.release(*lease);
  }
  request.on_lane(error == nullptr ? lanes_.back().get() : nullptr, error);
}

void SqliteBackend::fail(LaneRequest& request, std::exception_ptr error) noexcept {
  request_error_ = std::move(error);
  failed_requests_.push_back(request);
  loop_.run_next_round(*this);
}

void SqliteBackend::run() noexcept {
  Requests ready;
  ready.swap(failed_requests_);
  const std::exception_ptr error = request_error_;
  while (!ready.empty()) {
    LaneRequest& request = ready.front();
    ready.pop_front();
    request.on_lane(nullptr, error);
  }
}

}  // namespace chopin::data::sqlite
