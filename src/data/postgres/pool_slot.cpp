#include "data/postgres/pool_slot.hpp"

#include <utility>

namespace chopin::data::postgres {

void Pool::Slot::open() noexcept {
  if (!is_empty()) return;
  try {
    ConnectionRequest::Asker& asker = *this;
    auto request = std::make_shared<ConnectionRequest>(asker, pool_.loop_.tasks());
    pool_.connector_.add(request);
    request_ = std::move(request);
  } catch (const std::exception& error) {  // no thread, no memory: the next batch that needs it tries again
    pool_.on_refused(error.what());
  }
}

void Pool::Slot::on_connected(Handle handle) noexcept {
  request_.reset();
  try {
    Connection::Owner& owner = pool_;
    connection_ = std::make_unique<Connection>(std::move(handle), pool_.options_.statements, pool_.loop_,
                                               pool_.space_, owner);
  } catch (const std::exception& error) {
    return pool_.on_refused(error.what());
  }
  pool_.refused_.clear();
  pool_.serve();
}

void Pool::Slot::on_refused(const std::string& why) noexcept {
  pool_.on_refused(why);
}

void Pool::SlowRun::on_lane(Lane* lane, std::exception_ptr error) noexcept {
  if (lane == nullptr) {
    fail(error);
    return finish();
  }
  lane_ = lane;
  lane->start(*this);
}

void Pool::SlowRun::on_done() noexcept {
  pool_.release(*std::exchange(lane_, nullptr));
  finish();
}

void Pool::SlowRun::give_up() noexcept {
  if (lane_ == nullptr) return;
  lane_->withdraw(*this);
  pool_.release(*std::exchange(lane_, nullptr));
}

void Pool::SlowRun::finish() noexcept {
  Batch& original = original_;
  std::erase_if(pool_.slow_runs_, [this](const auto& run) { return run.get() == this; });
  original.on_done();
}

Pool::Rollback::Rollback(Pool& pool, Connection& connection)
    : Batch({&query_, 1}, Together::no), pool_(pool), connection_(connection), query_([] {
        static const StatementInfo statement("ROLLBACK", "", {}, {}, false, false);
        return Query(&statement, ByteBuffer());
      }()) {}

void Pool::Rollback::start(Pool& pool, Connection& connection) {
  connection.start(*new Rollback(pool, connection));
}

/// If it has failed the connection is still in a transaction, or lost.
void Pool::Rollback::on_done() noexcept {
  Pool& pool = pool_;
  Connection& connection = connection_;
  const std::exception_ptr error = query_.error;
  delete this;
  if (error != nullptr) connection.lose(error);
  pool.end_lease(connection);
}

}  // namespace chopin::data::postgres
