#pragma once

#include <cstdint>
#include <exception>
#include <span>

#include <boost/intrusive/list_hook.hpp>

#include "chopin/rows.hpp"
#include "chopin/together.hpp"

namespace chopin::data {

/// Queries that are sent together and complete together, in order.
///
/// Thread safety: the worker's thread, but see Lane.
/// Lifetime: from Lane::start until `on_done` begins or Lane::withdraw returns.
/// Throws: nothing.
class Batch
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  explicit Batch(std::span<Query> queries, Together together) noexcept
      : queries_(queries), together_(together) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// Every query has a result or an error. Called on the worker's thread, never within Lane::start. May
  /// delete the batch.
  virtual void on_done() noexcept = 0;
  /// Called instead of it if the backend ends first. One that owns itself deletes itself in both.
  virtual void discard() noexcept {}

  [[nodiscard]] std::span<Query> queries() const noexcept { return queries_; }
  [[nodiscard]] Together together() const noexcept { return together_; }
  /// Who has it in one of its lists, or has sent it.
  void note_holder(const void* holder) noexcept { holder_ = holder; }
  [[nodiscard]] bool is_held_by(const void* holder) const noexcept { return holder_ == holder; }
  /// The tick of the loop's coarse clock at which it began to wait for a connection.
  void note_waiting(std::uint32_t tick) noexcept { waits_since_ = tick; }
  [[nodiscard]] std::uint32_t waits_since() const noexcept { return waits_since_; }
  void fail(const std::exception_ptr& error) noexcept {
    for (Query& query : queries_) query.error = error;
  }

 protected:
  ~Batch() = default;

 private:
  std::span<Query> queries_;
  Together together_;
  const void* holder_ = nullptr;
  std::uint32_t waits_since_ = 0;
};

}  // namespace chopin::data
