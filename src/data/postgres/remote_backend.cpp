#include "data/postgres/remote_backend.hpp"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include "chopin/database_error.hpp"

namespace chopin::data::postgres {
namespace {

/// Takes a call to its host. If the host has ended, or its loop ends before it takes the call, the call goes
/// back.
template <class Call>
class Delivery {
 public:
  Delivery(std::shared_ptr<HostDirectory> hosts, std::size_t host, std::shared_ptr<Call> call,
           void (*hand_over)(RemoteHost&, std::shared_ptr<Call>)) noexcept
      : hosts_(std::move(hosts)), host_(host), call_(std::move(call)), hand_over_(hand_over) {}
  ~Delivery() {
    if (call_ != nullptr) refuse(std::move(call_));
  }
  Delivery(Delivery&&) noexcept = default;
  Delivery& operator=(Delivery&&) = delete;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  void operator()() {
    if (RemoteHost* const host = hosts_->host_of(host_); host != nullptr) hand_over_(*host, std::move(call_));
  }

 private:
  std::shared_ptr<HostDirectory> hosts_;
  std::size_t host_;
  std::shared_ptr<Call> call_;
  void (*hand_over_)(RemoteHost&, std::shared_ptr<Call>);
};

/// Throws std::bad_alloc.
template <class Function>
void post(const std::shared_ptr<HostDirectory>& hosts, std::size_t host, Function function) {
  if (const std::shared_ptr<loop::TaskQueue> loop = hosts->loop_of(host); loop != nullptr) {
    loop->post(std::move(function));
  }
}

/// For what needs no response: nothing happens if the host has ended, or there is no memory, for then the
/// host's own timeouts end it.
template <class Function>
void tell(const std::shared_ptr<HostDirectory>& hosts, std::size_t host, Function function) noexcept try {
  post(hosts, host, [hosts, host, function = std::move(function)] {
    if (RemoteHost* const found = hosts->host_of(host); found != nullptr) function(*found);
  });
} catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): see above
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
    : hosts_(std::move(hosts)), host_(host), loop_(loop), failed_(loop) {
  hosts_->add_asker(host);
}

RemoteBackend::~RemoteBackend() {
  for (const std::shared_ptr<Call>& call : calls_) {
    std::exchange(call->original, nullptr)->discard();
    tell_withdrawn(call);
  }
  for (const std::shared_ptr<LaneCall>& call : lane_calls_) {
    call->original = nullptr;
    tell_withdrawn(call);
  }
  while (!lanes_.empty()) release(*lanes_.back());
  hosts_->remove_asker(host_);
}

void RemoteBackend::send(Batch& batch, std::uint64_t lane) noexcept {
  try {
    auto call = std::make_shared<Call>();
    call->together = batch.together();
    call->lane = lane;
    call->asker = loop_.tasks();
    call->on_return = on_done;
    call->original = &batch;
    call->backend = this;
    calls_.push_back(call);
    call->queries.assign(std::make_move_iterator(batch.queries().begin()),
                         std::make_move_iterator(batch.queries().end()));
    post(hosts_, host_,
         Delivery<RemoteCall>(
             hosts_, host_, std::move(call),
             [](RemoteHost& host, std::shared_ptr<RemoteCall> given) { host.run(std::move(given)); }));
  } catch (const std::bad_alloc&) {
    forget(batch);
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
  if (const std::shared_ptr<Call> call = forget(batch); call != nullptr) tell_withdrawn(call);
}

/// Null if there is no such call.
std::shared_ptr<RemoteBackend::Call> RemoteBackend::forget(const Batch& batch) noexcept {
  const auto found = std::ranges::find_if(calls_, [&](const auto& call) { return call->original == &batch; });
  if (found == calls_.end()) return nullptr;
  std::shared_ptr<Call> call = std::move(*found);
  calls_.erase(found);
  call->original = nullptr;
  return call;
}

void RemoteBackend::tell_withdrawn(const std::shared_ptr<RemoteCall>& call) noexcept {
  tell(hosts_, host_, [call](RemoteHost& host) { host.withdraw(*call); });
}

void RemoteBackend::tell_withdrawn(const std::shared_ptr<RemoteLaneCall>& call) noexcept {
  tell(hosts_, host_, [call](RemoteHost& host) { host.withdraw(*call); });
}

void RemoteBackend::acquire(LaneRequest& request) noexcept {
  try {
    auto call = std::make_shared<LaneCall>();
    call->asker = loop_.tasks();
    call->on_return = on_lane;
    call->original = &request;
    call->backend = this;
    call->hosts = hosts_;
    call->host = host_;
    lane_calls_.push_back(call);
    post(hosts_, host_,
         Delivery<RemoteLaneCall>(hosts_, host_, std::move(call),
                                  [](RemoteHost& host, std::shared_ptr<RemoteLaneCall> given) {
                                    host.acquire(std::move(given));
                                  }));
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): it ends with the handler's timeout
  }
}

void RemoteBackend::on_lane(RemoteLaneCall& remote) noexcept {
  auto& call = static_cast<LaneCall&>(remote);
  LaneRequest* const original = std::exchange(call.original, nullptr);
  if (original == nullptr) {
    if (call.lane == 0) return;
    tell(call.hosts, call.host, [lane = call.lane](RemoteHost& host) { host.release(lane); });
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
  const auto found =
      std::ranges::find_if(lane_calls_, [&](const auto& call) { return call->original == &request; });
  if (found == lane_calls_.end()) return;
  const std::shared_ptr<LaneCall> call = std::move(*found);
  lane_calls_.erase(found);
  call->original = nullptr;
  tell_withdrawn(call);
}

void RemoteBackend::release(Lane& lane) noexcept {
  const auto found = std::ranges::find_if(lanes_, [&](const auto& each) { return each.get() == &lane; });
  const std::uint64_t id = (*found)->id();
  lanes_.erase(found);
  tell(hosts_, host_, [id](RemoteHost& host) { host.release(id); });
}

std::string RemoteBackend::state() const {
  return "the connections are another worker's";
}

}  // namespace chopin::data::postgres
