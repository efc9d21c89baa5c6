#include "data/postgres/pool.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "data/postgres/pool_slot.hpp"
#include "loop/deadlines.hpp"

namespace chopin::data::postgres {
namespace {

constexpr std::size_t receive_space = std::size_t{64} * 1024;

/// How much longer than a statement may take the server may be silent.
constexpr std::chrono::seconds grace{1};

/// How long it may go on with what nobody waits for: a statement that ends soon costs less than a new
/// connection.
constexpr std::chrono::milliseconds most_abandoned{500};

}  // namespace

Pool::Pool(Options options, Connector& connector, loop::EventLoop& loop)
    : options_(options),
      connector_(connector),
      loop_(loop),
      space_(receive_space),
      shared_((options.connections + 1) / 2),
      failed_(loop) {
  for (std::size_t i = 0; i < options.connections; ++i) slots_.push_back(std::make_unique<Slot>(*this));
  loop.clock().add(*this);
  if (options.opens_at_once) open(0, shared_);
}

Pool::~Pool() {
  requests_.clear();
  for (const auto& run : slow_runs_) {
    if (!run->has_lane()) run->discard();
  }
  discard_all(waiting_);
  slots_.clear();  // before the slow runs that their connections have
  lost_.clear();
}

// ---- Batches ----

void Pool::start(Batch& batch) noexcept {
  if (is_slow(batch)) [[unlikely]]
    return start_slow(batch);
  if (Slot* const slot = free_shared(); slot != nullptr && waiting_.empty()) {
    slot->connection()->start(batch);
    if (slot->connection()->load() * 2 > options_.pipeline) open(0, shared_);
    return;
  }
  open(0, shared_);
  if (!refused_.empty() && std::ranges::none_of(slots_, [](const auto& slot) { return slot->is_usable(); })) {
    return failed_.add(batch, unreachable());
  }
  if (waiting_count_ >= most_waiting) return failed_.add(batch, busy());
  batch.note_holder(this);
  batch.note_waiting(loop_.clock().now());
  waiting_.push_back(batch);
  ++waiting_count_;
}

void Pool::withdraw(Batch& batch) noexcept {
  const auto slow = std::ranges::find_if(slow_runs_, [&](const auto& run) { return run->is_of(batch); });
  if (slow != slow_runs_.end()) {
    const std::unique_ptr<SlowRun> run = std::move(*slow);
    slow_runs_.erase(slow);
    return run->give_up();
  }
  if (batch.is_held_by(this)) --waiting_count_;
  if (batch.is_held_by(this) || batch.is_held_by(&failed_)) return batch.unlink();
  for (const auto& slot : slots_) {
    if (slot->connection() != nullptr) slot->connection()->withdraw(batch);
  }
}

bool Pool::is_slow(const Batch& batch) noexcept {
  return std::ranges::any_of(batch.queries(), [](const Query& query) { return query.statement->slow; });
}

void Pool::start_slow(Batch& batch) noexcept {
  try {
    acquire(*slow_runs_.emplace_back(std::make_unique<SlowRun>(*this, batch)));
  } catch (...) {
    failed_.add(batch, std::current_exception());
  }
}

// ---- Lanes ----

void Pool::acquire(LaneRequest& request) noexcept {
  request.note_waiting(loop_.clock().now());
  requests_.push_back(request);
  loop_.run_next_round(*this);
}

void Pool::withdraw(LaneRequest& request) noexcept {
  if (request.is_linked()) request.unlink();
}

void Pool::release(Lane& lane) noexcept {
  auto& connection = static_cast<Connection&>(lane);
  const bool is_idle = connection.load() == 0 && !connection.is_in_transaction();
  if (is_idle || connection.is_lost()) return end_lease(connection);
  if (Slot* const slot = slot_of(connection); slot != nullptr) slot->abandon();
  try {
    Rollback::start(*this, connection);
  } catch (...) {
    connection.lose(std::current_exception());
    end_lease(connection);
  }
}

void Pool::end_lease(Connection& connection) noexcept {
  if (Slot* const slot = slot_of(connection); slot != nullptr) slot->end_lease();
  on_change(connection);
}

// ---- Connections ----

/// Null for a connection that is lost and about to be destroyed.
Pool::Slot* Pool::slot_of(const Connection& connection) noexcept {
  const auto slot =
      std::ranges::find_if(slots_, [&](const auto& each) { return each->connection() == &connection; });
  return slot == slots_.end() ? nullptr : slot->get();
}

bool Pool::has_connection(std::size_t first, std::size_t last) const noexcept {
  return std::ranges::any_of(std::span(slots_).subspan(first, last - first),
                             [](const auto& slot) { return slot->is_connected(); });
}

/// The least loaded one that takes another batch.
Pool::Slot* Pool::free_shared() noexcept {
  if (slots_.size() == 1 && !requests_.empty()) return nullptr;
  Slot* best = nullptr;
  std::size_t least = options_.pipeline;
  for (std::size_t i = 0; i < shared_; ++i) {
    if (!slots_[i]->is_usable() || slots_[i]->connection()->load() >= least) continue;
    best = slots_[i].get();
    least = best->connection()->load();
  }
  return best;
}

Pool::Slot* Pool::free_lane() noexcept {
  for (std::size_t i = first_lane(); i < slots_.size(); ++i) {
    if (slots_[i]->is_usable() && slots_[i]->connection()->load() == 0) return slots_[i].get();
  }
  return nullptr;
}

/// One after the other, as long as there is a need.
void Pool::open(std::size_t first, std::size_t last) noexcept {
  Slot* empty = nullptr;
  for (std::size_t i = first; i < last; ++i) {
    if (slots_[i]->is_opening()) return;
    if (slots_[i]->is_empty() && empty == nullptr) empty = slots_[i].get();
  }
  if (empty != nullptr) empty->open();
}

void Pool::on_change(Connection& connection) noexcept {
  Slot* const slot = slot_of(connection);
  if (slot != nullptr && connection.is_lost() && !slot->is_leased()) {
    lost_.push_back(slot->take());  // not destroyed yet, because it may be the caller
    loop_.run_next_round(*this);
    slot->open();
  }
  serve();
}

void Pool::on_refused(const std::string& why) noexcept {
  refused_ = why;
  if (!has_connection(0, shared_)) {
    while (!waiting_.empty()) fail_first_waiting(unreachable());
  }
  refuse_requests_if_unreachable();
}

void Pool::refuse_requests_if_unreachable() noexcept {
  if (refused_.empty() || has_connection(first_lane(), slots_.size())) return;
  while (!requests_.empty()) refuse_first_request(unreachable());
}

void Pool::serve() noexcept {
  while (!waiting_.empty()) {
    Slot* const slot = free_shared();
    if (slot == nullptr) break;
    Batch& batch = waiting_.front();
    waiting_.pop_front();
    --waiting_count_;
    slot->connection()->start(batch);
  }
  while (!requests_.empty()) {
    Slot* const slot = free_lane();
    if (slot == nullptr) break;
    LaneRequest& request = requests_.front();
    requests_.pop_front();
    loop_.note_application_code();
    request.on_lane(&slot->lease(), nullptr);
  }
  if (!waiting_.empty()) open(0, shared_);
  if (!requests_.empty()) open(first_lane(), slots_.size());
}

/// In the round after one in which a lane was asked for or a connection was lost.
void Pool::run() noexcept {
  for (const auto& connection : lost_) {
    if (Handle handle = connection->take_running(); handle != nullptr) {
      connector_.cancel_and_close(std::move(handle));
    }
  }
  lost_.clear();
  serve();
  refuse_requests_if_unreachable();
}

// ---- Time ----

void Pool::on_tick() noexcept {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& slot : slots_) {
    if (!slot->is_connected()) continue;
    Connection* const connection = slot->connection();
    connection->note_time(now);
    const bool is_silent = now - connection->silent_since() > options_.statement_timeout + grace;
    if (!is_silent && !slot->is_abandoned_before(now - most_abandoned)) continue;
    connection->lose(silence());
    on_change(*connection);
  }
  expire();
}

void Pool::expire() noexcept {
  const std::uint32_t now = loop_.clock().now();
  const std::uint32_t most = loop::ticks_of(options_.acquire_timeout);
  while (!waiting_.empty() && now - waiting_.front().waits_since() >= most) {
    fail_first_waiting(too_late(0, shared_));
  }
  while (!requests_.empty() && now - requests_.front().waits_since() >= most) {
    refuse_first_request(too_late(first_lane(), slots_.size()));
  }
}

void Pool::fail_first_waiting(const std::exception_ptr& error) noexcept {
  Batch& batch = waiting_.front();
  waiting_.pop_front();
  --waiting_count_;
  batch.fail(error);
  loop_.note_application_code();
  batch.on_done();
}

void Pool::refuse_first_request(const std::exception_ptr& error) noexcept {
  LaneRequest& request = requests_.front();
  requests_.pop_front();
  loop_.note_application_code();
  request.on_lane(nullptr, error);
}

/// Of the waits of batches or requests, which those slots would have ended.
std::exception_ptr Pool::too_late(std::size_t first, std::size_t last) const {
  return has_connection(first, last) ? busy() : unreachable();
}

std::exception_ptr Pool::busy() const {
  return std::make_exception_ptr(DatabaseError("53300", "no connection became free in time", state()));
}

std::exception_ptr Pool::unreachable() const {
  return std::make_exception_ptr(
      DatabaseError("08001", refused_.empty() ? "no connection was made in time" : refused_, state()));
}

/// A server that has been told the timeout ends each statement by it, so one that says nothing is not there.
/// Behind a pooler nobody has told it.
std::exception_ptr Pool::silence() const {
  const bool is_told = options_.statements == Conversation::Statements::named;
  return std::make_exception_ptr(
      DatabaseError(is_told ? "08006" : "57014", "the server has been silent for too long"));
}

std::string Pool::state() const {
  const auto open = std::ranges::count_if(slots_, [](const auto& slot) { return slot->is_connected(); });
  const auto busy = std::ranges::count_if(slots_, [](const auto& slot) {
    return slot->is_leased() || (slot->connection() != nullptr && slot->connection()->load() > 0);
  });
  return fmt::format("{} of {} connections open, {} busy, {} waiting", open, slots_.size(), busy,
                     waiting_count_ + requests_.size());
}

}  // namespace chopin::data::postgres
