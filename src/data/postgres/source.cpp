#include <memory>
#include <mutex>
#include <utility>

#include "data/postgres/connector.hpp"
#include "data/postgres/pool.hpp"
#include "data/postgres/remote_backend.hpp"
#include "data/postgres/remote_host.hpp"
#include "data/sources.hpp"
#include "loop/event_loop.hpp"

namespace chopin::data::postgres {
namespace {

class PostgresSource final : public Source {
 public:
  PostgresSource(std::string url, DatabaseConfig config) : url_(std::move(url)), config_(std::move(config)) {}

  /// If there are fewer connections than workers, so many of them have one each, and the others ask those.
  std::unique_ptr<Backend> make_backend(const WorkerScope& scope) override {
    loop::EventLoop& loop = scope.executor.loop();
    const std::size_t all = config_.connections == 0 ? 2 * scope.workers : config_.connections;
    const std::size_t share = all / scope.workers + (scope.index < all % scope.workers ? 1 : 0);
    if (share == 0) return std::make_unique<RemoteBackend>(hosts_, scope.index % all, loop);
    const Pool::Options options{.connections = share,
                                .pipeline = config_.pipeline,
                                .statements = is_behind_pooler() ? Conversation::Statements::unnamed
                                                                 : Conversation::Statements::named,
                                .acquire_timeout = config_.acquire_timeout,
                                .statement_timeout = config_.statement_timeout,
                                // One of the process, to learn what the server can give.
                                .opens_at_once = scope.index == 0};
    if (all >= scope.workers) return std::make_unique<Pool>(options, connector(scope.log, all), loop);
    return std::make_unique<RemoteHost>(options, connector(scope.log, all), loop, hosts_, scope.index);
  }

 private:
  [[nodiscard]] bool is_behind_pooler() const noexcept { return config_.pipeline == 1; }

  Connector& connector(const Log& log, std::size_t connections) {
    const std::lock_guard lock(mutex_);
    if (connector_ == nullptr) {
      const Connector::Options options{
          .url = url_,
          .statement_timeout = is_behind_pooler() ? std::chrono::milliseconds(0) : config_.statement_timeout,
          .connections = connections};
      connector_ = std::make_unique<Connector>(options, log);
    }
    return *connector_;
  }

  const std::string url_;
  const DatabaseConfig config_;
  const std::shared_ptr<HostDirectory> hosts_ = std::make_shared<HostDirectory>();
  std::mutex mutex_;
  std::unique_ptr<Connector> connector_;  // under the mutex
};

}  // namespace

std::shared_ptr<Source> make_source(std::string url, const DatabaseConfig& config) {
  return std::make_shared<PostgresSource>(std::move(url), config);
}

}  // namespace chopin::data::postgres
