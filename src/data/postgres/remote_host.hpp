#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "data/backend.hpp"
#include "data/postgres/pool.hpp"
#include "loop/task_queue.hpp"

namespace chopin::data::postgres {

/// A batch of a worker without connections, on its way to one that has some, and back.
///
/// Thread safety: belongs to the thread that has it; `original` to the asker's.
/// Lifetime: shared.
/// Throws: nothing.
struct RemoteCall {
  std::vector<Query> queries;
  Together together = Together::no;
  std::uint64_t lane = 0;  // 0: any connection
  std::shared_ptr<loop::TaskQueue> asker;
  void (*on_return)(RemoteCall&) noexcept = nullptr;  // called on the asker's thread
  Batch* original = nullptr;                          // null once it is withdrawn or done
};

/// A request for a lane, likewise.
struct RemoteLaneCall {
  std::shared_ptr<loop::TaskQueue> asker;
  void (*on_return)(RemoteLaneCall&) noexcept = nullptr;
  LaneRequest* original = nullptr;
  std::uint64_t lane = 0;  // 0: refused
  std::exception_ptr error;
};

/// From any thread: a call that its host cannot serve, because it has ended, goes back with 08001.
void refuse(std::shared_ptr<RemoteCall> call) noexcept;
void refuse(std::shared_ptr<RemoteLaneCall> call) noexcept;

class RemoteHost;

/// Where the hosts are, and who may ask them.
///
/// Thread safety: any thread; what `host_of` returns is for its own.
/// Lifetime: longer than all backends.
/// Throws: `add` and `add_asker`: std::bad_alloc.
class HostDirectory {
 public:
  void add(std::size_t worker, RemoteHost& host, std::shared_ptr<loop::TaskQueue> loop);
  void remove(const RemoteHost& host) noexcept;
  /// Null if there is none, yet or any more.
  [[nodiscard]] std::shared_ptr<loop::TaskQueue> loop_of(std::size_t worker) const;
  [[nodiscard]] RemoteHost* host_of(std::size_t worker) const;

  /// `host`: the worker that the asker asks. It may have none yet.
  void add_asker(std::size_t host);
  /// The last one wakes the host's loop.
  void remove_asker(std::size_t host) noexcept;
  [[nodiscard]] bool has_askers(std::size_t host) const noexcept;

 private:
  struct Entry {
    RemoteHost* host;
    std::shared_ptr<loop::TaskQueue> loop;
  };

  mutable std::mutex mutex_;
  std::map<std::size_t, Entry> hosts_;         // under the mutex
  std::map<std::size_t, std::size_t> askers_;  // under the mutex: how many each host has
};

/// A pool that other workers use too: their calls come as tasks of its loop.
///
/// Thread safety: the thread of the worker that has it.
/// Lifetime: must end before the loop. Calls that are under way at the end go back with 08001; so the worker
///           waits until `may_end`, if it can.
/// Throws: the constructor: std::bad_alloc.
class RemoteHost final : public Backend {
 public:
  /// `worker`: its number, for the directory.
  RemoteHost(Pool::Options options, Connector& connector, loop::EventLoop& loop,
             std::shared_ptr<HostDirectory> hosts, std::size_t worker);
  ~RemoteHost() override;

  void start(Batch& batch) noexcept override { pool_.start(batch); }
  void withdraw(Batch& batch) noexcept override { pool_.withdraw(batch); }
  void acquire(LaneRequest& request) noexcept override { pool_.acquire(request); }
  void withdraw(LaneRequest& request) noexcept override { pool_.withdraw(request); }
  void release(Lane& lane) noexcept override { pool_.release(lane); }
  [[nodiscard]] bool may_end() const noexcept override { return !hosts_->has_askers(worker_); }
  [[nodiscard]] std::string state() const override { return pool_.state(); }

  // For others.

  void run(std::shared_ptr<RemoteCall> call);
  void withdraw(const RemoteCall& call) noexcept;
  void acquire(std::shared_ptr<RemoteLaneCall> call);
  void withdraw(const RemoteLaneCall& call) noexcept;
  void release(std::uint64_t lane) noexcept;

 private:
  class Run;
  class Request;

  const std::shared_ptr<HostDirectory> hosts_;
  const std::size_t worker_;
  std::uint64_t last_lane_ = 0;
  std::map<std::uint64_t, Lane*> lanes_;
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<std::unique_ptr<Request>> requests_;
  Pool pool_;  // ends first: what it still has refers to the members above
};

}  // namespace chopin::data::postgres
