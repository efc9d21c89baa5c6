#include "data/sqlite/job.hpp"

#include <utility>

namespace chopin::data::sqlite {
namespace {

void delete_all(JobList& jobs) noexcept {
  jobs.clear_and_dispose([](Job* job) { delete job; });
}

std::unique_ptr<Job> take_first(JobList& jobs) noexcept {
  Job& first = jobs.front();
  jobs.pop_front();
  return std::unique_ptr<Job>(&first);
}

}  // namespace

void CompletedJobs::add(std::unique_ptr<Job> job) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
    jobs_.push_back(*job.release());
    if (self_ != nullptr) return;
    self_ = shared_from_this();
  }
  // The loop may run the task before `post` returns, but whoever calls this holds a reference.
  loop_->post(*this);
}

void CompletedJobs::close() noexcept {
  receiver_ = nullptr;
  JobList jobs;
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    jobs.swap(jobs_);
  }
  delete_all(jobs);
}

void CompletedJobs::run() noexcept {
  JobList jobs;
  std::shared_ptr<CompletedJobs> self;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(jobs_);
    self = std::move(self_);
  }
  while (!jobs.empty() && receiver_ != nullptr) receiver_->on_job_done(take_first(jobs));
  delete_all(jobs);
}

/// The loop has ended, and `close` follows.
void CompletedJobs::discard() noexcept {
  std::shared_ptr<CompletedJobs> self;  // so that the mutex outlives its lock
  const std::lock_guard lock(mutex_);
  self = std::move(self_);
}

void complete(std::unique_ptr<Job> job) noexcept {
  const std::shared_ptr<CompletedJobs> completed = job->completed_;
  completed->add(std::move(job));
}

void complete_all(JobList& jobs) noexcept {
  while (!jobs.empty()) complete(take_first(jobs));
}

}  // namespace chopin::data::sqlite
