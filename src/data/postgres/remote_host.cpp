#include "data/postgres/remote_host.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "chopin/database_error.hpp"

namespace chopin::data::postgres {
namespace {

std::exception_ptr no_host() {
  return std::make_exception_ptr(DatabaseError("08001", "the worker that has the connections has ended"));
}

/// False if the asker has ended.
template <class Call>
bool send_back(std::shared_ptr<Call> call) {
  const std::shared_ptr<loop::TaskQueue> asker = call->asker;  // the call may be gone before `post` returns
  return asker->post([call = std::move(call)] { call->on_return(*call); });
}

}  // namespace

void refuse(std::shared_ptr<RemoteCall> call) noexcept try {
  const std::exception_ptr error = no_host();
  for (Query& query : call->queries) query.error = error;
  send_back(std::move(call));
} catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): it ends with the handler's timeout
}

void refuse(std::shared_ptr<RemoteLaneCall> call) noexcept try {
  call->error = no_host();
  send_back(std::move(call));
} catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): likewise
}

/// A batch of another worker under way here.
class RemoteHost::Run final : public Batch {
 public:
  Run(RemoteHost& host, std::shared_ptr<RemoteCall> call)
      : Batch(call->queries, call->together), host_(host), call_(std::move(call)) {}
  ~Run() {
    if (call_ != nullptr) refuse(std::move(call_));
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void on_done() noexcept override {
    send_back(std::move(call_));
    std::erase_if(host_.runs_, [this](const auto& run) { return run.get() == this; });
  }
  [[nodiscard]] bool is_of(const RemoteCall& call) const noexcept { return call_.get() == &call; }
  void forget_call() noexcept { call_.reset(); }

 private:
  RemoteHost& host_;
  std::shared_ptr<RemoteCall> call_;
};

/// The same for a request for a lane. If the asker has ended meanwhile, the lane goes back.
class RemoteHost::Request final : public LaneRequest {
 public:
  Request(RemoteHost& host, std::shared_ptr<RemoteLaneCall> call) : host_(host), call_(std::move(call)) {}
  ~Request() {
    if (call_ != nullptr) refuse(std::move(call_));
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  void on_lane(Lane* lane, std::exception_ptr error) noexcept override {
    call_->error = std::move(error);
    if (lane != nullptr) {
      call_->lane = ++host_.last_lane_;
      host_.lanes_.emplace(call_->lane, lane);
    }
    const std::uint64_t given = call_->lane;
    RemoteHost& host = host_;
    const bool has_arrived = send_back(std::move(call_));
    std::erase_if(host.requests_, [this](const auto& request) { return request.get() == this; });
    if (!has_arrived) host.release(given);
  }
  [[nodiscard]] bool is_of(const RemoteLaneCall& call) const noexcept { return call_.get() == &call; }
  void forget_call() noexcept { call_.reset(); }

 private:
  RemoteHost& host_;
  std::shared_ptr<RemoteLaneCall> call_;
};

RemoteHost::RemoteHost(Pool::Options options, Connector& connector, loop::EventLoop& loop,
                       std::shared_ptr<HostDirectory> hosts, std::size_t worker)
    : hosts_(std::move(hosts)), worker_(worker), pool_(options, connector, loop) {
  hosts_->add(worker, *this, loop.tasks());
}

RemoteHost::~RemoteHost() {
  hosts_->remove(*this);
}

void RemoteHost::run(std::shared_ptr<RemoteCall> call) {
  const std::uint64_t lane = call->lane;
  Run& run = *runs_.emplace_back(std::make_unique<Run>(*this, std::move(call)));
  if (lane == 0) return pool_.start(run);
  const auto found = lanes_.find(lane);
  if (found != lanes_.end()) return found->second->start(run);
  run.fail(std::make_exception_ptr(DatabaseError("57014", "the lane was given back")));
  run.on_done();
}

void RemoteHost::withdraw(const RemoteCall& call) noexcept {
  const auto run = std::ranges::find_if(runs_, [&](const auto& each) { return each->is_of(call); });
  if (run == runs_.end()) return;  // it is done
  const auto lane = lanes_.find(call.lane);
  if (lane == lanes_.end()) {
    pool_.withdraw(**run);
  } else {
    lane->second->withdraw(**run);
  }
  (*run)->forget_call();
  runs_.erase(run);
}

void RemoteHost::acquire(std::shared_ptr<RemoteLaneCall> call) {
  pool_.acquire(*requests_.emplace_back(std::make_unique<Request>(*this, std::move(call))));
}

void RemoteHost::withdraw(const RemoteLaneCall& call) noexcept {
  const auto request = std::ranges::find_if(requests_, [&](const auto& each) { return each->is_of(call); });
  if (request == requests_.end()) return;  // the lane is on its way to the asker, who gives it back
  pool_.withdraw(**request);
  (*request)->forget_call();
  requests_.erase(request);
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

void HostDirectory::add_asker(std::size_t host) {
  const std::lock_guard lock(mutex_);
  ++askers_[host];
}

void HostDirectory::remove_asker(std::size_t host) noexcept try {
  std::shared_ptr<loop::TaskQueue> loop;
  {
    const std::lock_guard lock(mutex_);
    const auto askers = askers_.find(host);
    if (--askers->second > 0) return;
    if (const auto found = hosts_.find(host); found != hosts_.end()) loop = found->second.loop;
  }
  if (loop != nullptr) loop->post([] {});
} catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): the next tick wakes it
}

bool HostDirectory::has_askers(std::size_t host) const noexcept {
  const std::lock_guard lock(mutex_);
  const auto askers = askers_.find(host);
  return askers != askers_.end() && askers->second > 0;
}

}  // namespace chopin::data::postgres
