#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/backend.hpp"
#include "data/failed_batches.hpp"
#include "data/postgres/remote_host.hpp"
#include "loop/event_loop.hpp"

namespace chopin::data::postgres {

/// The way to the database of a worker without connections, because the process may have fewer of them than
/// workers: another worker's pool. A batch goes there as a task of that worker's loop and comes back as one.
///
/// Thread safety: the worker's thread.
/// Lifetime: must end before the loop.
/// Throws: the constructor: std::bad_alloc.
class RemoteBackend final : public Backend {
 public:
  /// `host`: which worker has the pool.
  RemoteBackend(std::shared_ptr<HostDirectory> hosts, std::size_t host, loop::EventLoop& loop);
  ~RemoteBackend() override;

  void start(Batch& batch) noexcept override { send(batch, 0); }
  void withdraw(Batch& batch) noexcept override;
  void acquire(LaneRequest& request) noexcept override;
  void withdraw(LaneRequest& request) noexcept override;
  void release(Lane& lane) noexcept override;
  [[nodiscard]] std::string state() const override;

 private:
  class RemoteLane;
  struct Call;
  struct LaneCall;

  void send(Batch& batch, std::uint64_t lane) noexcept;
  std::shared_ptr<Call> forget(const Batch& batch) noexcept;
  void tell_withdrawn(const std::shared_ptr<RemoteCall>& call) noexcept;
  void tell_withdrawn(const std::shared_ptr<RemoteLaneCall>& call) noexcept;
  static void on_done(RemoteCall& remote) noexcept;
  static void on_lane(RemoteLaneCall& remote) noexcept;

  const std::shared_ptr<HostDirectory> hosts_;
  const std::size_t host_;
  loop::EventLoop& loop_;
  FailedBatches failed_;
  std::vector<std::shared_ptr<Call>> calls_;
  std::vector<std::shared_ptr<LaneCall>> lane_calls_;
  std::vector<std::unique_ptr<RemoteLane>> lanes_;
};

}  // namespace chopin::data::postgres
