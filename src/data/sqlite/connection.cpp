#include "data/sqlite/connection.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <sqlite3.h>
#include <string_view>
#include <thread>

#include <climits>
#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "data/sqlite/error.hpp"

namespace chopin::data::sqlite {
namespace {

constexpr int steps_at_a_time = 1000;
constexpr std::uint64_t page_size = 4096;  // SQLite's default
constexpr int most_pages_in_log = 1000;    // SQLite's own default: 4 MiB
// From here on the writer waits for a moment without readers, so that the log starts again at its beginning.
constexpr int too_many_pages_in_log = 16 * most_pages_in_log;
/// How long another process that holds the file is waited for, where there is no other limit.
constexpr std::chrono::seconds longest_busy{5};

const char* text_of(Command command) noexcept {
  switch (command) {
    case Command::begin: return "BEGIN";
    case Command::begin_immediate: return "BEGIN IMMEDIATE";
    case Command::commit: return "COMMIT";
    case Command::roll_back: return "ROLLBACK";
    case Command::savepoint: return "SAVEPOINT batch";
    case Command::roll_back_to: return "ROLLBACK TO batch";
    case Command::release: break;
  }
  return "RELEASE batch";
}

/// A name that begins with "file:" would be a URI, and ":memory:" a database of this connection alone.
std::string path_of(const std::string& file) {
  return file.starts_with('/') ? file : "./" + file;
}

Control control_of(std::string_view operation) noexcept {
  if (operation == "BEGIN") return Control::begin;
  return operation == "ROLLBACK" ? Control::roll_back : Control::commit;
}

}  // namespace

void configure_library() noexcept {
  // Statistics of memory would take a lock of the whole process for each allocation.
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

void Connection::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

Connection::Connection(const Place& place, Use use, const std::atomic<bool>& is_ending)
    : is_ending_(is_ending) {
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE |
                    (use == Use::write ? SQLITE_OPEN_CREATE : 0);
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path_of(place.file).c_str(), &database, flags, nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) throw DatabaseError("08001", error_of(database, code, place.file).detail());
  if (use != Use::worker) sqlite3_busy_handler(database, on_busy, this);
  sqlite3_progress_handler(database, steps_at_a_time, on_progress, this);
  sqlite3_set_authorizer(database, on_prepare, this);
  execute("PRAGMA foreign_keys = ON");
  execute("PRAGMA temp_store = MEMORY");
  // Not for files on a disk: an error there while a page is read would be a SIGBUS.
  if (place.is_in_memory) execute("PRAGMA mmap_size = 1073741824");
  if (use == Use::write) {
    set_up_writer(place);
  } else {
    execute("PRAGMA wal_autocheckpoint = 0");
    execute("PRAGMA query_only = ON");
  }
}

void Connection::set_up_writer(const Place& place) {
  too_many_pages_in_log_ = too_many_pages_in_log;
  if (place.most_bytes > 0) {
    const auto quarter = static_cast<int>(std::min<std::uint64_t>(place.most_bytes / page_size / 4, INT_MAX));
    too_many_pages_in_log_ = std::clamp(quarter, 2 * most_pages_in_log, too_many_pages_in_log);
    execute(
        fmt::format("PRAGMA max_page_count = {}", std::max<std::uint64_t>(place.most_bytes / page_size, 1))
            .c_str());
  }
  if (text("PRAGMA journal_mode = WAL") != "wal") {
    throw DatabaseError("08001", "the file system of the database cannot have a write-ahead log (WAL)");
  }
  execute("PRAGMA journal_size_limit = 16777216");
  execute(place.is_temporary ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
  if (place.is_temporary) sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_hook(database_.get(), on_commit_to_log, this);  // instead of SQLite's own checkpoints
}

void Connection::execute(const char* sql) {
  start_clock();
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw error_of(database_.get(), code, sql);
}

void Connection::execute(Command command) {
  start_clock();
  StatementHandle& statement = commands_[static_cast<std::size_t>(command)];
  int code = SQLITE_OK;
  if (statement == nullptr) {
    sqlite3_stmt* made = nullptr;
    code =
        sqlite3_prepare_v3(database_.get(), text_of(command), -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    statement.reset(made);
    if (code != SQLITE_OK) throw error_of(database_.get(), code, text_of(command));
  }
  sqlite3_step(statement.get());
  code = sqlite3_reset(statement.get());  // the code of the step
  if (code != SQLITE_OK) throw error_of(database_.get(), code, text_of(command));
}

std::int64_t Connection::number(const char* sql) {
  const std::string value = text(sql);
  return value.empty() ? 0 : std::stoll(value);
}

std::string Connection::text(const char* sql) {
  std::string value;
  const auto take = [](void* out, int count, char** columns, char** /*names*/) noexcept {
    if (count > 0 && columns[0] != nullptr) *static_cast<std::string*>(out) = columns[0];
    return 0;
  };
  const int code = sqlite3_exec(database_.get(), sql, take, &value, nullptr);
  if (code != SQLITE_OK) throw error_of(database_.get(), code, sql);
  return value;
}

Prepared& Connection::prepared(const StatementInfo& info) {
  if (info.id >= prepared_.size()) prepared_.resize(std::size_t{info.id} + 1);
  std::unique_ptr<Prepared>& place = prepared_[info.id];
  if (place == nullptr) {
    prepared_control_ = Control::none;
    place = std::make_unique<Prepared>(database_.get(), info);
    place->set_control(prepared_control_);
  }
  return *place;
}

void Connection::run(Prepared& prepared, Query& query) {
  start_clock();
  prepared.run(query, limits_.most_bytes);
}

void Connection::run(Query& query) {
  Prepared& found = prepared(*query.statement);
  if (found.control() != Control::none) {
    throw DatabaseError("0A000", "a transaction begins with Database::transaction, not with a statement");
  }
  run(found, query);
}

bool Connection::has_transaction() const noexcept {
  return sqlite3_get_autocommit(database_.get()) == 0;
}

void Connection::roll_back() noexcept try {
  if (has_transaction()) execute(Command::roll_back);
} catch (...) {  // out of memory: without a prepared statement it is tried once more
  sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::checkpoint_if_due() noexcept {
  if (pages_in_log_ < most_pages_in_log) return;
  // SQLite calls the busy handler while readers are in the way, and gives up when that does.
  deadline_ = Clock::now() + std::chrono::milliseconds(20);
  const int how =
      pages_in_log_ < too_many_pages_in_log_ ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  sqlite3_wal_checkpoint_v2(database_.get(), nullptr, how, nullptr, nullptr);
  pages_in_log_ = 0;  // the next commit says how many there are
}

void Connection::start_clock() noexcept {
  deadline_ = limits_.time == std::chrono::milliseconds::max() ? Clock::time_point::max()
                                                               : Clock::now() + limits_.time;
}

bool Connection::is_to_stop() const noexcept {
  if (is_ending_.load(std::memory_order_relaxed)) return true;
  if (limits_.is_unwanted != nullptr && limits_.is_unwanted->load(std::memory_order_relaxed)) return true;
  return Clock::now() >= deadline_;
}

int Connection::on_progress(void* self) noexcept {
  Connection& connection = *static_cast<Connection*>(self);
  if (connection.limits_.steps == UINT32_MAX) return connection.is_to_stop() ? 1 : 0;
  return --connection.limits_.steps == 0 ? 1 : 0;
}

int Connection::on_busy(void* self, int tries) noexcept {
  Connection& connection = *static_cast<Connection*>(self);
  const Clock::time_point now = Clock::now();
  if (tries == 0) connection.busy_until_ = now + longest_busy;
  if (connection.is_to_stop() || now >= connection.busy_until_) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(tries + 1, 10)));
  return 1;
}

int Connection::on_commit_to_log(void* self, sqlite3* /*database*/, const char* /*name*/,
                                 int pages) noexcept {
  static_cast<Connection*>(self)->pages_in_log_ = pages;
  return SQLITE_OK;
}

int Connection::on_prepare(void* self, int action, const char* what, const char* /*name*/,
                           const char* /*schema*/, const char* /*trigger*/) noexcept {
  Control& control = static_cast<Connection*>(self)->prepared_control_;
  if (action == SQLITE_TRANSACTION) control = control_of(what);
  if (action == SQLITE_SAVEPOINT) control = Control::savepoint;
  return SQLITE_OK;
}

}  // namespace chopin::data::sqlite
