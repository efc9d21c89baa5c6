#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "chopin/database_error.hpp"
#include "chopin/log.hpp"
#include "chopin/schema.hpp"
#include "data/sqlite/connection.hpp"
#include "data/sqlite/job.hpp"
#include "data/sqlite/memory_folder.hpp"
#include "data/sqlite/writer.hpp"
#include "system/memory.hpp"

namespace chopin::data::sqlite {

/// The threads of a database: one that writes, and two that read. They start with the first job; the writer
/// then makes the database, which others wait for.
///
/// Thread safety: any thread.
/// Lifetime: longer than the backends. The destructor ends the threads; what they run is interrupted. Must
/// not
///           be destroyed in a forked child, which has neither the threads nor their locks.
/// Throws: as said at each function.
class Threads {
 public:
  static constexpr std::size_t readers = 2;
  static constexpr std::size_t most_waiting = 1024;

  /// `file`: empty for a database in memory.
  /// `most_bytes`: of a database in memory.
  Threads(std::string file, Schema schema, std::chrono::milliseconds statement_timeout,
          std::uint64_t most_bytes);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  /// Takes the job. Throws DatabaseError 53300 if too many wait or no thread can start; std::bad_alloc. The
  /// job remains the caller's then. `log`: for what concerns the database itself.
  void add(std::unique_ptr<Job>& job, const Log& log);
  /// Takes a job back. False if it runs, or has run; it then comes back by itself.
  [[nodiscard]] bool take_back(Job& job) noexcept;
  void release(WriterLease& lease) noexcept;

  /// Whether the database is ready.
  [[nodiscard]] bool is_open() const noexcept { return is_open_.load(std::memory_order_acquire); }
  [[nodiscard]] bool is_memory() const noexcept { return file_.empty(); }
  /// Where it is, once it is open.
  [[nodiscard]] const Connection::Place& place() const noexcept { return place_; }
  [[nodiscard]] const std::atomic<bool>& is_ending() const noexcept { return is_ending_; }
  [[nodiscard]] bool is_of_this_process() const noexcept;
  [[nodiscard]] std::string state() const;

 private:
  enum class Kind : std::uint8_t { unknown, read, write };
  using Lock = std::unique_lock<std::mutex>;

  void start_threads();
  void queue(Job& job) noexcept;
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] Kind kind_of(const Job& job) const noexcept;
  [[nodiscard]] static std::unique_ptr<Job> take_first(JobList& jobs) noexcept;

  void run_writer() noexcept;
  void open(Lock& lock) noexcept;
  [[nodiscard]] std::exception_ptr try_to_open(const Log& log) noexcept;
  [[nodiscard]] std::exception_ptr with_state(const DatabaseError& error) const noexcept;
  void open_database(const Log& log);
  void fail_waiting(Lock& lock, const std::exception_ptr& error) noexcept;
  void write(Lock& lock) noexcept;
  void note_size() noexcept;
  void serve_lease(Lock& lock, std::unique_ptr<Job> request) noexcept;

  void run_reader() noexcept;
  [[nodiscard]] std::unique_ptr<Job> read(std::unique_ptr<Job> job,
                                          std::unique_ptr<Connection>& connection) noexcept;
  void note_write(const StatementInfo& statement) noexcept;

  const std::string file_;
  const Schema schema_;
  const std::chrono::milliseconds statement_timeout_;
  const std::uint64_t most_bytes_;

  // The writer's thread; the place is read by others once `is_open_` is true.
  std::optional<MemoryFolder> folder_;
  system::FilesInMemory files_in_memory_;
  Connection::Place place_;
  std::string log_file_;  // of a database in memory
  std::unique_ptr<Connection> connection_;
  std::optional<Writer> writer_;

  std::atomic<bool> is_open_ = false;
  std::atomic<bool> is_ending_ = false;
  mutable std::mutex mutex_;
  std::condition_variable writer_changed_;
  std::condition_variable readers_changed_;
  // Under the mutex.
  JobList reads_;
  JobList writes_;           // and requests for the writer
  std::vector<Kind> kinds_;  // by StatementInfo::id
  std::vector<std::thread> threads_;
  pid_t process_ = 0;  // that has the threads
  Log log_;
  unsigned busy_ = 0;
  std::exception_ptr open_error_;
  Clock::time_point open_again_;
};

}  // namespace chopin::data::sqlite
