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
  Batch* original = nullptr;  // null once it is withdrawn or done
};

/// A request for a lane, likewise.
struct RemoteLaneCall {
  std::shared_ptr<loop::TaskQueue> asker;
  LaneRequest* original = nullptr;
  std::uint64_t lane = 0;  // 0: refused
  std::exception_ptr error;
};

class RemoteHost;

/// Where the hosts are.
///
/// Thread safety: any thread; what `host_of` returns is for its own.
/// Lifetime: longer than all backends.
/// Throws: `add`: std::bad_alloc.
class HostDirectory {
 public:
  void add(std::size_t worker, RemoteHost& host, std::shared_ptr<loop::TaskQueue> loop);
  void remove(const RemoteHost& host) noexcept;
  /// Null if there is none, yet or any more.
  [[nodiscard]] std::shared_ptr<loop::TaskQueue> loop_of(std::size_t worker) const;
  [[nodiscard]] RemoteHost* host_of(std::size_t worker) const;

 private:
  struct Entry {
    RemoteHost* host;
    std::shared_ptr<loop::TaskQueue> loop;
  };

  mutable std::mutex mutex_;
  std::map<std::size_t, Entry> hosts_;  // under the mutex
};

/// A pool that other workers use too: their calls come as tasks of its loop.
///
/// Thread safety: the thread of the worker that has it.
/// Lifetime: must end before the loop.
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
  [[nodiscard]] std::string state() const override { return pool_.state(); }

  // For others. `done` is called on the asker's thread.

  void run(std::shared_ptr<RemoteCall> call, void (*done)(RemoteCall&) noexcept);
  void acquire(std::shared_ptr<RemoteLaneCall> call, void (*done)(RemoteLaneCall&) noexcept);
  void release(std::uint64_t lane) noexcept;

 private:
  class Run;
  class Request;

  const std::shared_ptr<HostDirectory> hosts_;
  std::uint64_t last_lane_ = 0;
  std::map<std::uint64_t, Lane*> lanes_;
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<std::unique_ptr<Request>> requests_;
  Pool pool_;  // ends first: what it still has refers to the members above
};

}  // namespace chopin::data::postgres
