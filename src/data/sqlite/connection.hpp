#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/sqlite/prepared.hpp"

namespace chopin::data::sqlite {

using Clock = std::chrono::steady_clock;

/// When a statement is given up.
struct Limits {
  /// Also for how long another process that holds the file is waited for.
  std::chrono::milliseconds time = std::chrono::milliseconds::max();
  /// Of all statements together, in thousands of the instructions of SQLite's virtual machine, each thousand
  /// of which takes 10 to 30 microseconds. Not 0.
  std::uint32_t steps = UINT32_MAX;
  std::size_t most_bytes = std::size_t{64} * 1024 * 1024;  ///< of one result
  const std::atomic<bool>* is_unwanted = nullptr;          ///< null: always wanted
};

/// What SQLite is told often.
enum class Command : std::uint8_t {
  begin,
  begin_immediate,
  commit,
  roll_back,
  savepoint,
  roll_back_to,
  release
};

/// A connection to a database file with the statements that are prepared on it.
///
/// Thread safety: one thread at a time.
/// Lifetime: `is_ending` must outlive it.
/// Throws: DatabaseError; std::bad_alloc.
class Connection {
 public:
  enum class Use : std::uint8_t {
    write,   ///< makes the file if there is none
    read,    ///< on a thread that may wait
    worker,  ///< reads on a worker's thread: waits for nothing
  };
  struct Place {
    std::string file;
    /// Ends with the process: nothing need be synchronised to a disk.
    bool is_temporary = false;
    /// In a memory file system: reading a page neither blocks nor fails.
    bool is_in_memory = false;
    /// Of the database. 0: any number.
    std::uint64_t most_bytes = 0;
  };

  /// `is_ending`: what runs is given up once it is true.
  Connection(const Place& place, Use use, const std::atomic<bool>& is_ending);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Statements without parameters and results, for SQLite itself.
  void execute(const char* sql);
  void execute(Command command);
  /// The first column of the first row, 0 if there is none.
  [[nodiscard]] std::int64_t number(const char* sql);
  [[nodiscard]] std::string text(const char* sql);

  /// Prepares it unless it is. The reference is valid as long as the connection.
  Prepared& prepared(const StatementInfo& info);
  /// Runs what was prepared for the query, within the limits.
  void run(Prepared& prepared, Query& query);
  /// Runs a statement that stands alone, so not one that begins or ends a transaction.
  void run(Query& query);

  void set_limits(const Limits& limits) noexcept { limits_ = limits; }

  [[nodiscard]] bool has_transaction() const noexcept;
  void roll_back() noexcept;
  /// Copies pages from the log into the database once it has many. To be called between transactions.
  void checkpoint_if_due() noexcept;
  [[nodiscard]] sqlite3* handle() const noexcept { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };

  void set_up_writer(const Place& place);
  void start_clock() noexcept;
  [[nodiscard]] bool is_to_stop() const noexcept;

  // SQLite's callbacks.
  static int on_progress(void* self) noexcept;
  static int on_busy(void* self, int tries) noexcept;
  static int on_commit_to_log(void* self, sqlite3* database, const char* name, int pages) noexcept;
  static int on_prepare(void* self, int action, const char* what, const char* name, const char* schema,
                        const char* trigger) noexcept;

  const std::atomic<bool>& is_ending_;
  Limits limits_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point busy_until_;
  int pages_in_log_ = 0;
  int too_many_pages_in_log_ = 0;
  Control prepared_control_ = Control::none;
  std::unique_ptr<sqlite3, Close> database_;
  std::array<StatementHandle, 7> commands_;          // by Command
  std::vector<std::unique_ptr<Prepared>> prepared_;  // by StatementInfo::id
};

/// To be called before the first connection of the process.
void configure_library() noexcept;

}  // namespace chopin::data::sqlite
