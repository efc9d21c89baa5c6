#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <typeindex>
#include <typeinfo>
#include <utility>
#include <vector>

#include "chopin/executor.hpp"

namespace chopin {

class Log;

class PerWorkerServices;

/// The worker for which a service is made; see Router::per_worker.
struct WorkerScope {
  Executor executor;                  ///< runs functions and coroutines on the worker's thread
  std::size_t index = 0;              ///< 0 for the first worker
  std::size_t workers = 1;            ///< of this server
  const Log& log;                     ///< the server's
  const PerWorkerServices& services;  ///< those that the router was given before
};

/// A service of one worker, whatever its type.
struct WorkerService {
  std::shared_ptr<void> object;
  std::function<void()> start;    ///< may be empty
  std::function<void()> drain;    ///< may be empty
  std::function<bool()> may_end;  ///< may be empty

  /// `made` is a Service, or a pointer that owns one.
  template <class Service, class Made>
  static WorkerService of(Made&& made) {
    if constexpr (std::is_same_v<std::remove_cvref_t<Made>, Service>) {
      return of_shared(std::make_shared<Service>(std::forward<Made>(made)));
    } else {
      return of_shared(std::shared_ptr<Service>(std::forward<Made>(made)));
    }
  }

 private:
  template <class Service>
  static WorkerService of_shared(std::shared_ptr<Service> service) {
    WorkerService result;
    if constexpr (requires { service->start(); }) {
      result.start = [&object = *service] { object.start(); };
    }
    if constexpr (requires { service->drain(); }) {
      result.drain = [&object = *service] { object.drain(); };
    }
    if constexpr (requires { service->may_end(); }) {
      result.may_end = [&object = *service] { return object.may_end(); };
    }
    result.object = std::move(service);
    return result;
  }
};

using WorkerServiceMaker = std::function<WorkerService(const WorkerScope&)>;
using WorkerServiceMakers = std::vector<std::pair<std::type_index, WorkerServiceMaker>>;

/// The services of one worker: at most one of each type.
///
/// Thread safety: the worker's thread.
/// Lifetime: the worker's.
/// Throws: as said at each function.
class PerWorkerServices {
 public:
  PerWorkerServices() = default;
  ~PerWorkerServices() { clear(); }
  PerWorkerServices(const PerWorkerServices&) = delete;
  PerWorkerServices& operator=(const PerWorkerServices&) = delete;

  /// Makes the services, in their order, and then starts them. Throws what they throw, and
  /// std::invalid_argument, naming the type, for a null pointer. `index`, `workers`: see WorkerScope.
  void make(const WorkerServiceMakers& makers, const Executor& executor, std::size_t index,
            std::size_t workers);
  /// Throws std::out_of_range, naming the type, if there is no such service.
  template <class Service>
  [[nodiscard]] Service& get() const {
    return *static_cast<Service*>(find(typeid(Service)));
  }
  /// Tells the services that the worker begins to drain. What one throws is logged.
  void drain(const Log& log) noexcept;
  /// Whether the worker may end, as far as its services know. What one throws means yes.
  [[nodiscard]] bool may_end() const noexcept;
  /// Ends the services, the last one first.
  void clear() noexcept;

 private:
  [[nodiscard]] void* find(const std::type_info& type) const;

  std::vector<std::pair<std::type_index, WorkerService>> services_;
};

}  // namespace chopin
