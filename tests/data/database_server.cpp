#include "data/database_server.hpp"

#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"

namespace chopin::test {
namespace {

using Clock = std::chrono::steady_clock;

const Statement<Row<std::int32_t>()> own_process("SELECT pg_backend_pid()");
const Statement<Row<std::int32_t>(double)> sleep_in_database("SELECT 1 FROM pg_sleep($1)");
const Statement<Row<std::int32_t>(double)> slow_sleep("SELECT 1 FROM pg_sleep($1)", {.slow = true});
const Statement<Row<std::string_view>(std::string_view)> same("SELECT $1::text");
const Statement<Row<>(std::int32_t)> insert("INSERT INTO t (id) VALUES ($1)");

struct WorkerIndex {
  std::size_t value;
};

double number(const chopin::Request& request, const char* name) {
  return std::atof(request.query_value(name).value_or("0").c_str());
}

}  // namespace

DatabaseServer::DatabaseServer(const std::string& url, DatabaseConfig settings, std::uint32_t workers) {
  settings.url = url;
  Config config = test_config();
  config.workers = workers;
  server_.emplace(config, routes(settings), log_.sink());
  server_->start();
}

DatabaseServer::~DatabaseServer() {
  server_->stop();
}

Router DatabaseServer::routes(const DatabaseConfig& settings) {
  Router router;
  router.per_worker<Database>(Database::maker(settings));
  router.get("/pid", [](const chopin::Request& request, chopin::Response& response) -> Task<> {
    const auto rows = co_await request.worker<Database>().query(own_process());
    response.text(std::to_string(std::get<0>(rows.front())));
  });
  router.get("/sleep", [](const chopin::Request& request, chopin::Response& response) -> Task<> {
    co_await request.worker<Database>().query(sleep_in_database(number(request, "seconds")));
    response.text("slept");
  });
  router.get("/slow", [](const chopin::Request& request, chopin::Response& response) -> Task<> {
    co_await request.worker<Database>().query(slow_sleep(number(request, "seconds")));
    response.text("slept");
  });
  router.get("/same", [](const chopin::Request& request, chopin::Response& response) -> Task<> {
    std::string text(static_cast<std::size_t>(number(request, "bytes")), 'x');
    for (std::size_t i = 0; i < text.size(); i += 1000) text[i] = static_cast<char>('a' + i / 1000 % 26);
    const auto rows = co_await request.worker<Database>().query(same(text));
    response.text(std::get<0>(rows.front()) == text ? "same" : "different");
  });
  router.get("/insert", [this](const chopin::Request& request, chopin::Response& response) -> Task<> {
    const auto id = static_cast<std::int32_t>(number(request, "id"));
    co_await request.worker<Database>().transaction([this, id](Transaction& transaction) -> Task<> {
      ++bodies_run_;
      co_await transaction.query(insert(id));
    });
    response.text("inserted");
  });
  router.get("/slow_insert", [](const chopin::Request& request, chopin::Response& response) -> Task<> {
    const double seconds = number(request, "seconds");
    co_await request.worker<Database>().transaction(
        [seconds](Transaction& transaction) -> Task<> {
          co_await transaction.query(insert(1));
          co_await transaction.query(sleep_in_database(seconds));
        },
        {.deadline = std::chrono::minutes(1)});
    response.text("inserted");
  });
  router.get("/twice", [](const chopin::Request& request, chopin::Response& response) -> Task<> {
    auto& database = request.worker<Database>();
    const auto first = co_await database.lease();
    const auto second = co_await database.lease();
    response.text("leased twice");
  });
  router.per_worker<WorkerIndex>([](const WorkerScope& scope) { return WorkerIndex{scope.index}; });
  router.get("/worker", [](const chopin::Request& request, chopin::Response& response) {
    response.text(std::to_string(request.worker<WorkerIndex>().value));
  });
  router.get("/now", [](const chopin::Request&, chopin::Response& response) { response.text("now"); });
  return router;
}

bool DatabaseServer::serves_within(std::chrono::milliseconds time) const {
  const auto until = Clock::now() + time;
  do {
    if (ask("/pid").status == 200) return Clock::now() <= until;
  } while (Clock::now() < until);
  return false;
}

bool DatabaseServer::logs(std::string_view part) const {
  return eventually([&] { return log_.count(part) > 0; });
}

}  // namespace chopin::test
