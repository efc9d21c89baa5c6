// A service of each worker, such as a pool or a cache. It needs no locks: only its worker's thread uses it.
#include <chopin/log.hpp>
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <cstddef>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <string>

namespace {

class Visits {
 public:
  explicit Visits(const chopin::WorkerScope& scope) : log_(scope.log) {}

  void drain() { log_.info("visits end", {{"names", counts_.size()}}); }  // the worker begins to stop
  std::size_t count(const std::string& name) { return ++counts_[name]; }

 private:
  const chopin::Log& log_;
  std::map<std::string, std::size_t> counts_;
};

void visit(const chopin::Request& request, chopin::Response& response) {
  const std::string name(request.param("name"));
  response.text(name + ": " + std::to_string(request.worker<Visits>().count(name)) + "\n");
}

}  // namespace

int main(int argc, char** argv) try {
  chopin::Router router;
  router.per_worker<Visits>([](const chopin::WorkerScope& scope) { return std::make_unique<Visits>(scope); });
  router.get("/visits/{name}", visit);
  chopin::Server(chopin::read_settings(argc, argv).config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "worker_service: " << error.what() << '\n';
  return 1;
}
