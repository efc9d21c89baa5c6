#include <algorithm>
#include <string>
#include <sys/stat.h>
#include <utility>

#include "chopin/database_error.hpp"
#include "data/sqlite/migrations.hpp"
#include "data/sqlite/queries.hpp"
#include "data/sqlite/threads.hpp"

namespace chopin::data::sqlite {
namespace {

/// So that many clients do not make the writer try again and again what has just failed.
constexpr std::chrono::milliseconds between_openings{100};
/// How long the writer goes on adding what arrives to a transaction before it commits.
constexpr std::chrono::milliseconds longest_group{2};

/// What cannot be prepared counts as a read, which then has the error.
bool is_write(Connection& connection, const StatementInfo& statement) noexcept try {
  return !connection.prepared(statement).is_readonly();
} catch (...) {
  return false;
}

}  // namespace

void Threads::run_writer() noexcept {
  for (Lock lock(mutex_);;) {
    writer_changed_.wait(
        lock, [this] { return is_ending_ || !writes_.empty() || (!is_open() && !reads_.empty()); });
    if (is_ending_) return;
    if (!is_open()) {
      open(lock);
    } else if (writes_.front().requested != nullptr) {
      serve_lease(lock, take_first(writes_));
    } else {
      write(lock);
    }
  }
}

void Threads::open(Lock& lock) noexcept {
  if (open_error_ == nullptr || Clock::now() >= open_again_) {
    const Log log = log_;
    lock.unlock();
    const std::exception_ptr error = try_to_open(log);
    lock.lock();
    open_error_ = error;
    open_again_ = Clock::now() + between_openings;
    if (error == nullptr) {
      is_open_.store(true, std::memory_order_release);
      readers_changed_.notify_all();
      return;
    }
  }
  fail_waiting(lock, open_error_);
}

std::exception_ptr Threads::try_to_open(const Log& log) noexcept try {
  try {
    open_database(log);
    return nullptr;
  } catch (...) {
    writer_.reset();
    connection_.reset();
    folder_.reset();
    throw;
  }
} catch (const DatabaseError& error) {
  return with_state(error);
} catch (...) {
  return std::current_exception();
}

/// As clients see it, too.
std::exception_ptr Threads::with_state(const DatabaseError& error) const noexcept try {
  return std::make_exception_ptr(DatabaseError(error.sqlstate(), error.detail(), state()));
} catch (...) {
  return std::current_exception();
}

void Threads::open_database(const Log& log) {
  configure_library();
  place_ = {.file = file_, .is_temporary = is_memory()};
  if (is_memory()) {
    folder_.emplace(MemoryFolder::usual_candidates());
    if (!folder_->warning().empty()) {
      log.warn("the database in memory is in another folder",
               {{"folder", folder_->path()}, {"why", folder_->warning()}});
    }
    place_.file = folder_->path() + "/database";
    log_file_ = place_.file + "-wal";
    place_.is_in_memory = folder_->is_in_memory();
    place_.most_bytes = most_bytes_;
  }
  connection_ = std::make_unique<Connection>(place_, Connection::Use::write, is_ending_);
  run_migrations(*connection_, schema_);
  if (is_memory()) run_seed(*connection_, schema_);
  connection_->set_limits({.time = statement_timeout_});
  writer_.emplace(*connection_);
  note_size();
}

void Threads::fail_waiting(Lock& lock, const std::exception_ptr& error) noexcept {
  JobList failed;
  for (JobList* const list : {&reads_, &writes_}) {
    while (!list->empty()) {
      std::unique_ptr<Job> job = take_first(*list);
      job->fail(error);
      failed.push_back(*job.release());
    }
  }
  lock.unlock();
  complete_all(failed);
  lock.lock();
}

// The writer's thread has opened both. NOLINTBEGIN(bugprone-unchecked-optional-access)

void Threads::write(Lock& lock) noexcept {
  JobList jobs;
  const Clock::time_point until = Clock::now() + longest_group;
  ++busy_;
  do {
    jobs.push_back(*take_first(writes_).release());
    lock.unlock();
    writer_->add(jobs.back());
    const bool is_enough = writer_->is_full() || Clock::now() >= until;
    lock.lock();
    if (is_enough) break;
  } while (!writes_.empty() && writes_.front().requested == nullptr);
  lock.unlock();
  writer_->commit(jobs);
  complete_all(jobs);
  connection_->checkpoint_if_due();
  note_size();
  lock.lock();
  --busy_;
}

/// Of the database and its log.
void Threads::note_size() noexcept {
  if (!place_.is_in_memory) return;
  std::uint64_t size = 0;
  for (const std::string* const file : {&place_.file, &log_file_}) {
    struct stat facts{};
    if (stat(file->c_str(), &facts) == 0) size += static_cast<std::uint64_t>(facts.st_blocks) * 512;
  }
  files_in_memory_.set(size);
}

void Threads::serve_lease(Lock& lock, std::unique_ptr<Job> request) noexcept {
  const std::shared_ptr<WriterLease> lease = request->requested;
  ++busy_;
  lock.unlock();
  complete(std::move(request));
  lock.lock();
  for (;;) {
    writer_changed_.wait(lock, [&] { return is_ending_ || lease->is_released || !lease->waiting.empty(); });
    if (is_ending_ || lease->is_released) break;
    std::unique_ptr<Job> job = take_first(lease->waiting);
    lock.unlock();
    writer_->run_in_lease(*job);
    complete(std::move(job));
    lock.lock();
  }
  JobList left;  // none, unless the threads end: the worker withdraws its batches first
  while (!lease->waiting.empty()) left.push_back(*take_first(lease->waiting).release());
  lock.unlock();
  complete_all(left);
  writer_->end_lease();
  connection_->checkpoint_if_due();
  note_size();
  lock.lock();
  --busy_;
}

// NOLINTEND(bugprone-unchecked-optional-access)

void Threads::run_reader() noexcept {
  std::unique_ptr<Connection> connection;
  for (Lock lock(mutex_);;) {
    readers_changed_.wait(lock, [this] { return is_ending_ || (is_open() && !reads_.empty()); });
    if (is_ending_) return;
    std::unique_ptr<Job> job = take_first(reads_);
    ++busy_;
    lock.unlock();
    job = read(std::move(job), connection);
    lock.lock();
    --busy_;
    if (job != nullptr) queue(*job.release());
  }
}

/// Returns the job if it must be queued again, because only the writer can run it.
std::unique_ptr<Job> Threads::read(std::unique_ptr<Job> job,
                                   std::unique_ptr<Connection>& connection) noexcept {
  try {
    if (connection == nullptr) {
      connection = std::make_unique<Connection>(place_, Connection::Use::read, is_ending_);
    }
    connection->set_limits({.time = statement_timeout_, .is_unwanted = &job->is_unwanted});
    bool writes = false;
    for (const Query& query : job->queries) {
      if (!is_write(*connection, *query.statement)) continue;
      note_write(*query.statement);
      writes = true;
    }
    if (writes) return job;
    run_reads(*connection, job->queries, job->together);
    connection->set_limits({});
  } catch (...) {
    job->fail(std::current_exception());
  }
  complete(std::move(job));
  return nullptr;
}

void Threads::note_write(const StatementInfo& statement) noexcept {
  const std::lock_guard lock(mutex_);
  kinds_[statement.id] = Kind::write;
}

}  // namespace chopin::data::sqlite
