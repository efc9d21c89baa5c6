#include "data/postgres/remote_backend.hpp"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include "chopin/database_error.hpp"

namespace chopin::data::postgres {
namespace {

/// False if the host has ended.
template <class Function>
bool post(const std::shared_ptr<HostDirectory>& hosts, std::size_t host, Function function) {
  const std::shared_ptr<loop::TaskQueue> loop = hosts->loop_of(host);
  return loop != nullptr && loop->post([hosts, host, function = std::move(function)]() mutable {
    if (RemoteHost* const found = hosts->host_of(host); found != nullptr) function(*found);
  });
}

std::exception_ptr no_host() {
  return std::make_exception_ptr(DatabaseError("08001", "the worker that has the connections has ended"));
}

}  // namespace

struct RemoteBackend::Call : RemoteCall {
  RemoteBackend* backend = nullptr;
};

struct RemoteBackend::LaneCall : RemoteLaneCall {
  RemoteBackend* backend = nullptr;
  std::shared_ptr<HostDirectory> hosts;  // to give back a lane that nobody wants any more
  std::size_t host = 0;
};

class RemoteBackend::RemoteLane final : public Lane {
 public:
  RemoteLane(RemoteBackend& backend, std::uint64_t id) noexcept : backend_(backend), id_(id) {}

  void start(Batch& batch) noexcept override { backend_.send(batch, id_); }
  void withdraw(Batch& batch) noexcept override { backend_.withdraw(batch); }
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

 private:
  RemoteBackend& backend_;
  const std::uint64_t id_;
};

RemoteBackend::RemoteBackend(std::shared_ptr<HostDirectory> hosts, std::size_t host, loop::EventLoop& loop)
    : hosts_(std::move(hosts)), host_(host), loop_(loop), failed_(loop) {}

RemoteBackend::~RemoteBackend() {
  for (const std::shared_ptr<Call>& call : calls_) std::exchange(call->original, nullptr)->discard();
  for (const std::shared_ptr<LaneCall>& call : lane_calls_) call->original = nullptr;
  while (!lanes_.empty()) release(*lanes_.back());
}

void RemoteBackend::send(Batch& batch, std::uint64_t lane) noexcept {
  try {
    auto call = std::make_shared<Call>();
    call->together = batch.together();
    call->lane = lane;
    call->asker = loop_.tasks();
    call->original = &batch;
    call->backend = this;
    calls_.push_back(call);
    call->queries.assign(std::make_move_iterator(batch.queries().begin()),
                         std::make_move_iterator(batch.queries().end()));
    if (post(hosts_, host_, [call](RemoteHost& host) { host.run(call, on_done); })) return;
    calls_.pop_back();
    failed_.add(batch, no_host());
  } catch (const std::bad_alloc&) {
    std::erase_if(calls_, [&](const auto& call) { return call->original == &batch; });
    failed_.add(batch, std::make_exception_ptr(DatabaseError("53200", "out of memory")));
  }
}

void RemoteBackend::on_done(RemoteCall& remote) noexcept {
  auto& call = static_cast<Call&>(remote);
  Batch* const original = std::exchange(call.original, nullptr);
  if (original == nullptr) return;  // withdrawn, or the backend has ended
  std::ranges::move(call.queries, original->queries().begin());
  std::erase_if(call.backend->calls_, [&](const auto& each) { return each.get() == &call; });
  original->on_done();
}

void RemoteBackend::withdraw(Batch& batch) noexcept {
  if (batch.is_held_by(&failed_)) return batch.unlink();
  std::erase_if(calls_, [&](const auto& call) {
    if (call->original != &batch) return false;
    call->original = nullptr;
    return true;
  });
}

void RemoteBackend::acquire(LaneRequest& request) noexcept {
  try {
    auto call = std::make_shared<LaneCall>();
    call->asker = loop_.tasks();
    call->original = &request;
    call->backend = this;
    call->hosts = hosts_;
    call->host = host_;
    lane_calls_.push_back(call);
    if (post(hosts_, host_, [call](RemoteHost& host) { host.acquire(call, on_lane); })) return;
    call->error = no_host();
    loop_.tasks()->post([call] { on_lane(*call); });
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): it ends with the handler's timeout
  }
}

void RemoteBackend::on_lane(RemoteLaneCall& remote) noexcept {
  auto& call = static_cast<LaneCall&>(remote);
  LaneRequest* const original = std::exchange(call.original, nullptr);
  if (original == nullptr) {
    if (call.lane == 0) return;
    post(call.hosts, call.host, [lane = call.lane](RemoteHost& host) { host.release(lane); });
    return;
  }
  RemoteBackend& backend = *call.backend;
  Lane* const lane =
      call.lane == 0 ? nullptr
                     : backend.lanes_.emplace_back(std::make_unique<RemoteLane>(backend, call.lane)).get();
  std::exception_ptr error = call.error;
  std::erase_if(backend.lane_calls_, [&](const auto& each) { return each.get() == &call; });
  original->on_lane(lane, std::move(error));
}

void RemoteBackend::withdraw(LaneRequest& request) noexcept {
  std::erase_if(lane_calls_, [&](const auto& call) {
    if (call->original != &request) return false;
    call->original = nullptr;
    return true;
  });
}

void RemoteBackend::release(Lane& lane) noexcept {
  const auto found = std::ranges::find_if(lanes_, [&](const auto& each) { return each.get() == &lane; });
  const std::uint64_t id = (*found)->id();
  lanes_.erase(found);
  post(hosts_, host_, [id](RemoteHost& host) { host.release(id); });
}

std::string RemoteBackend::state() const {
  return "the connections are another worker's";
}

}  // namespace chopin::data::postgres
