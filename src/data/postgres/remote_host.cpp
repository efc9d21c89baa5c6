#include "data/postgres/remote_host.hpp"

#include <utility>

#include "chopin/database_error.hpp"

namespace chopin::data::postgres {

/// A batch of another worker under way here.
class RemoteHost::Run final : public Batch {
 public:
  Run(RemoteHost& host, std::shared_ptr<RemoteCall> call, void (*done)(RemoteCall&) noexcept)
      : Batch(call->queries, call->together), host_(host), call_(std::move(call)), done_(done) {}

  void on_done() noexcept override {
    const std::shared_ptr<loop::TaskQueue> asker =
        call_->asker;  // the call may be gone before `post` returns
    asker->post([call = std::move(call_), done = done_] { done(*call); });
    std::erase_if(host_.runs_, [this](const auto& run) { return run.get() == this; });
  }

 private:
  RemoteHost& host_;
  std::shared_ptr<RemoteCall> call_;
  void (*done_)(RemoteCall&) noexcept;
};

/// The same for a request for a lane. If the asker has ended meanwhile, the lane goes back.
class RemoteHost::Request final : public LaneRequest {
 public:
  Request(RemoteHost& host, std::shared_ptr<RemoteLaneCall> call, void (*done)(RemoteLaneCall&) noexcept)
      : host_(host), call_(std::move(call)), done_(done) {}

  void on_lane(Lane* lane, std::exception_ptr error) noexcept override {
    call_->error = std::move(error);
    if (lane != nullptr) {
      call_->lane = ++host_.last_lane_;
      host_.lanes_.emplace(call_->lane, lane);
    }
    const std::uint64_t given = call_->lane;
    const std::shared_ptr<loop::TaskQueue> asker = call_->asker;
    RemoteHost& host = host_;
    const bool has_arrived = asker->post([call = std::move(call_), done = done_] { done(*call); });
    std::erase_if(host.requests_, [this](const auto& request) { return request.get() == this; });
    if (!has_arrived) host.release(given);
  }

 private:
  RemoteHost& host_;
  std::shared_ptr<RemoteLaneCall> call_;
  void (*done_)(RemoteLaneCall&) noexcept;
};

RemoteHost::RemoteHost(Pool::Options options, Connector& connector, loop::EventLoop& loop,
                       std::shared_ptr<HostDirectory> hosts, std::size_t worker)
    : hosts_(std::move(hosts)), pool_(options, connector, loop) {
  hosts_->add(worker, *this, loop.tasks());
}

RemoteHost::~RemoteHost() {
  hosts_->remove(*this);
}

void RemoteHost::run(std::shared_ptr<RemoteCall> call, void (*done)(RemoteCall&) noexcept) {
  const std::uint64_t lane = call->lane;
  Run& run = *runs_.emplace_back(std::make_unique<Run>(*this, std::move(call), done));
  if (lane == 0) return pool_.start(run);
  const auto found = lanes_.find(lane);
  if (found != lanes_.end()) return found->second->start(run);
  run.fail(std::make_exception_ptr(DatabaseError("57014", "the lane was given back")));
  run.on_done();
}

void RemoteHost::acquire(std::shared_ptr<RemoteLaneCall> call, void (*done)(RemoteLaneCall&) noexcept) {
  pool_.acquire(*requests_.emplace_back(std::make_unique<Request>(*this, std::move(call), done)));
}

void RemoteHost::release(std::uint64_t lane) noexcept {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return;
  Lane& released = *found->second;
  lanes_.erase(found);
  pool_.release(released);
}

void HostDirectory::add(std::size_t worker, RemoteHost& host, std::shared_ptr<loop::TaskQueue> loop) {
  const std::lock_guard lock(mutex_);
  hosts_.insert_or_assign(worker, Entry{&host, std::move(loop)});
}

void HostDirectory::remove(const RemoteHost& host) noexcept {
  const std::lock_guard lock(mutex_);
  std::erase_if(hosts_, [&](const auto& entry) { return entry.second.host == &host; });
}

std::shared_ptr<loop::TaskQueue> HostDirectory::loop_of(std::size_t worker) const {
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(worker);
  return found == hosts_.end() ? nullptr : found->second.loop;
}

RemoteHost* HostDirectory::host_of(std::size_t worker) const {
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(worker);
  return found == hosts_.end() ? nullptr : found->second.host;
}

}  // namespace chopin::data::postgres
