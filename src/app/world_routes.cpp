#include "app/world_routes.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "app/fortunes_page.hpp"
#include "app/parameters.hpp"
#include "app/random_worlds.hpp"
#include "chopin/cache.hpp"
#include "chopin/database.hpp"

namespace chopin::app {
namespace {

using Id = std::int32_t;
using WorldRow = Row<Id, std::int32_t>;
using BoundWorld = BoundStatement<Id, std::int32_t>;
using Ids = std::span<const Id>;

const Statement<WorldRow(Id)> find_world("SELECT id, randomnumber FROM world WHERE id = $1",
                                         {.bounded = true});
const Statement<WorldRow(Id)> find_cached_world("SELECT id, randomnumber FROM cachedworld WHERE id = $1",
                                                {.bounded = true});
// SQLite joins the two lists by their positions, with an index that it makes of the first one: as json_each
// itself is no table, it would else read the second list again for each element of the first.
const Statement<Row<>(Ids, Ids)> change_worlds(
    "UPDATE world SET randomnumber = new.number"
    " FROM unnest($1::int4[], $2::int4[]) AS new(id, number) WHERE world.id = new.id",
    {.sqlite = "WITH ids AS MATERIALIZED (SELECT key, value FROM json_each($1))"
               " UPDATE world SET randomnumber = new.value"
               " FROM json_each($2) AS new JOIN ids ON ids.key = new.key WHERE world.id = ids.value"});
// Few rows, which nobody adds to.
const Statement<Row<Id, std::string_view>()> all_fortunes("SELECT id, message FROM fortune",
                                                          {.bounded = true});

struct World {
  Id id;
  std::int32_t number;
};

World world_of(const Rows<Id, std::int32_t>& rows) {
  if (rows.empty()) throw DatabaseError("02000", "a world is missing: `chopin seed` fills the tables");
  const auto [id, number] = rows.front();
  return {id, number};
}

void write(JsonWriter& out, const World& world) {
  out.begin_object().member("id", world.id).member("randomNumber", world.number).end_object();
}

void respond(Response& response, const std::vector<World>& worlds) {
  JsonWriter out = response.json();
  out.begin_array();
  for (const World& world : worlds) write(out, world);
  out.end_array();
}

/// How many worlds a request asks for.
std::size_t count_of(const Request& request, std::string_view name) {
  constexpr IntegerRange range{1, 500, 1};
  return static_cast<std::size_t>(integer_parameter(request, name, range));
}

/// Reads them one by one: each is a statement of its own.
template <class Statement>
Task<std::vector<World>> read_worlds(const Request& request, const Statement& find,
                                     const std::vector<Id>& ids, Together together = Together::no) {
  std::vector<BoundWorld> statements;
  statements.reserve(ids.size());
  for (const Id id : ids) statements.push_back(find(id));
  const auto rows = co_await request.worker<Database>().query_all(std::move(statements), together);
  std::vector<World> worlds;
  worlds.reserve(rows.size());
  for (const auto& row : rows) worlds.push_back(world_of(row));
  co_return worlds;
}

Task<> one_world(const Request& request, Response& response) {
  const Id id = request.worker<RandomWorlds>().next();
  const auto rows = co_await request.worker<Database>().query(find_world(id));
  JsonWriter out = response.json();
  write(out, world_of(rows));
}

Task<> many_worlds(const Request& request, Response& response, Together together) {
  std::vector<Id> ids(count_of(request, "queries"));
  for (Id& id : ids) id = request.worker<RandomWorlds>().next();
  respond(response, co_await read_worlds(request, find_world, ids, together));
}

/// Ids in one order for all requests, so that they do not wait for each other in a circle. A plan that joins
/// them in another order can make them do so all the same: the database then ends one, which has changed
/// nothing.
Task<> write_worlds(Database& database, const std::vector<World>& worlds) {
  constexpr int most_attempts = 4;
  std::vector<Id> ids;
  std::vector<std::int32_t> numbers;
  for (const World& world : worlds) {
    ids.push_back(world.id);
    numbers.push_back(world.number);
  }
  for (int attempt = 1;; ++attempt) {
    try {
      co_await database.query(change_worlds(ids, numbers));
      co_return;
    } catch (const DatabaseError& error) {
      if (!error.is_conflict() || attempt == most_attempts) throw;
    }
  }
}

Task<> changed_worlds(const Request& request, Response& response) {
  auto& random = request.worker<RandomWorlds>();
  const std::vector<Id> ids = random.ascending(count_of(request, "queries"));
  std::vector<World> worlds = co_await read_worlds(request, find_world, ids);
  for (World& world : worlds) world.number = random.next();
  co_await write_worlds(request.worker<Database>(), worlds);
  respond(response, worlds);
}

Task<> fortunes(const Request& request, Response& response) {
  const auto rows = co_await request.worker<Database>().query(all_fortunes());
  std::vector<Fortune> fortunes;
  for (const auto& [id, message] : rows) fortunes.push_back({id, message});
  response.html(fortunes_page(std::move(fortunes)));
}

using WorldCache = Cache<Id, std::int32_t>;

/// Room for all worlds even if they are spread unevenly over the shards.
constexpr std::size_t most_cached_worlds = std::size_t{1} << 14U;
constexpr std::chrono::minutes world_lifetime{1};

Task<> cached_worlds(const Request& request, Response& response, WorldCache& cache) {
  std::vector<World> worlds(count_of(request, "count"));
  std::vector<std::size_t> missing;
  std::vector<Id> ids;
  for (World& world : worlds) {
    world.id = request.worker<RandomWorlds>().next();
    if (const auto number = cache.find(world.id).value) {
      world.number = *number;
    } else {
      missing.push_back(static_cast<std::size_t>(&world - worlds.data()));
      ids.push_back(world.id);
    }
  }
  if (!missing.empty()) {
    const std::vector<World> read = co_await read_worlds(request, find_cached_world, ids);
    for (std::size_t index = 0; index < read.size(); ++index) {
      worlds[missing[index]] = read[index];
      cache.insert(read[index].id, read[index].number, world_lifetime);
    }
  }
  respond(response, worlds);
}

}  // namespace

void add_world_routes(Router& router) {
  router.get("/db", one_world);
  router.get("/queries", [](const Request& request, Response& response) {
    return many_worlds(request, response, Together::no);
  });
  router.get("/queries/together", [](const Request& request, Response& response) {
    return many_worlds(request, response, Together::yes);
  });
  router.get("/updates", changed_worlds);
  router.get("/fortunes", fortunes);
  router.get("/cached-queries", [cache = std::make_shared<WorldCache>(most_cached_worlds)](
                                    const Request& request, Response& response) {
    return cached_worlds(request, response, *cache);
  });
}

}  // namespace chopin::app
