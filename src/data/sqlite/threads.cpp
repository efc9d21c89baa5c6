#include "data/sqlite/threads.hpp"

#include <algorithm>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "chopin/spawn_scope.hpp"
#include "data/sqlite/migrations.hpp"
#include "system/signals_blocked.hpp"
#include "system/thread_name.hpp"

namespace chopin::data::sqlite {

Threads::Threads(std::string file, Schema schema, std::chrono::milliseconds statement_timeout,
                 std::uint64_t most_bytes)
    : file_(std::move(file)),
      schema_(std::move(schema)),
      statement_timeout_(statement_timeout),
      most_bytes_(most_bytes) {}

Threads::~Threads() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  writer_changed_.notify_all();
  readers_changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  complete_all(reads_);
  complete_all(writes_);
}

bool Threads::is_of_this_process() const noexcept {
  return process_ == 0 || process_ == getpid();
}

/// Under the mutex.
void Threads::start_threads() {
  const system::SignalsBlocked blocked;
  const SpawnScope not_only_the_workers_cpu;
  // Those that were started remain if one cannot be: the rest is tried again with the next job.
  if (threads_.empty()) {
    threads_.emplace_back([this] {
      system::name_this_thread("sqlite write");
      run_writer();
    });
  }
  while (threads_.size() < 1 + readers) {
    threads_.emplace_back([this] {
      system::name_this_thread("sqlite read");
      run_reader();
    });
  }
  process_ = getpid();
}

void Threads::add(std::unique_ptr<Job>& job, const Log& log) {
  const std::lock_guard lock(mutex_);
  if (reads_.size() + writes_.size() >= most_waiting) {
    throw DatabaseError("53300", fmt::format("{} batches wait already", most_waiting), describe());
  }
  if (threads_.size() < 1 + readers) {
    try {
      threads_.reserve(1 + readers);
      log_ = log;
      start_threads();
    } catch (const std::system_error& error) {
      throw DatabaseError("53300", fmt::format("no thread can be started: {}", error.what()), describe());
    }
  }
  for (const Query& query : job->queries) {
    if (query.statement->id >= kinds_.size()) kinds_.resize(std::size_t{query.statement->id} + 1);
  }
  queue(*job.release());
}

/// Under the mutex.
void Threads::queue(Job& job) noexcept {
  JobList* list = &reads_;
  if (job.lease != nullptr) {
    list = &job.lease->waiting;
  } else if (job.requested != nullptr || kind_of(job) == Kind::write) {
    list = &writes_;
  }
  list->push_back(job);
  job.waits_in_ = list;
  // Reads, too, wait for the writer to make the database.
  (list == &reads_ && is_open() ? readers_changed_ : writer_changed_).notify_one();
}

/// A statement that no reader has prepared yet counts as a read.
Threads::Kind Threads::kind_of(const Job& job) const noexcept {
  const bool writes = std::ranges::any_of(
      job.queries, [this](const Query& query) { return kinds_[query.statement->id] == Kind::write; });
  return writes ? Kind::write : Kind::read;
}

/// Under the mutex.
std::unique_ptr<Job> Threads::take_first(JobList& jobs) noexcept {
  Job& job = jobs.front();
  jobs.pop_front();
  job.waits_in_ = nullptr;
  return std::unique_ptr<Job>(&job);
}

bool Threads::take_back(Job& job) noexcept {
  const std::lock_guard lock(mutex_);
  if (job.waits_in_ == nullptr) return false;
  job.waits_in_->erase(job.waits_in_->iterator_to(job));
  job.waits_in_ = nullptr;
  return true;
}

void Threads::release(WriterLease& lease) noexcept {
  {
    const std::lock_guard lock(mutex_);
    lease.is_released = true;
  }
  writer_changed_.notify_one();
}

std::string Threads::state() const {
  const std::lock_guard lock(mutex_);
  return describe();
}

/// Under the mutex.
std::string Threads::describe() const {
  return fmt::format("{} connections, {} of them busy, {} waiting", is_open() ? 1 + readers : 0, busy_,
                     reads_.size() + writes_.size());
}

}  // namespace chopin::data::sqlite
