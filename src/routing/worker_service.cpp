#include "chopin/worker_service.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include <boost/core/demangle.hpp>
#include <fmt/core.h>

#include "chopin/log.hpp"
#include "loop/event_loop.hpp"

namespace chopin {
namespace {

std::string name_of(const std::type_index& type) {
  return boost::core::demangle(type.name());
}

}  // namespace

void PerWorkerServices::make(const WorkerServiceMakers& makers, const Executor& executor, std::size_t index,
                             std::size_t workers) {
  const WorkerScope scope{.executor = executor,
                          .index = index,
                          .workers = workers,
                          .log = executor.loop().log(),
                          .services = *this};
  for (const auto& [type, make] : makers) {
    WorkerService service = make(scope);
    if (service.object == nullptr) {
      throw std::invalid_argument(fmt::format("the service {} is a null pointer", name_of(type)));
    }
    services_.emplace_back(type, std::move(service));
  }
  for (const auto& [type, service] : services_) {
    if (service.start) service.start();
  }
}

void PerWorkerServices::drain(const Log& log) noexcept {
  for (const auto& [type, service] : services_) {
    if (!service.drain) continue;
    try {
      service.drain();
    } catch (const std::exception& error) {
      log.error("a service threw when it was told of the drain",
                {{"service", name_of(type)}, {"error", error.what()}});
    } catch (...) {
      log.error("a service threw when it was told of the drain", {{"service", name_of(type)}});
    }
  }
}

bool PerWorkerServices::may_end() const noexcept try {
  return std::ranges::all_of(
      services_, [](const auto& entry) { return !entry.second.may_end || entry.second.may_end(); });
} catch (...) {
  return true;
}

void PerWorkerServices::clear() noexcept {
  while (!services_.empty()) services_.pop_back();
}

void* PerWorkerServices::find(const std::type_info& type) const {
  const auto found =
      std::ranges::find(services_, std::type_index(type), [](const auto& entry) { return entry.first; });
  if (found == services_.end()) {
    throw std::out_of_range(
        fmt::format("the router has no service {}: see Router::per_worker", name_of(type)));
  }
  return found->second.object.get();
}

}  // namespace chopin
