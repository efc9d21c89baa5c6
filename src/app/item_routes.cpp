#include "app/item_routes.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "app/items.hpp"
#include "app/parameters.hpp"
#include "chopin/cache.hpp"
#include "chopin/database.hpp"
#include "chopin/json_later.hpp"
#include "text/number.hpp"

namespace chopin::app {
namespace {

using Id = std::int32_t;
using OptionalText = std::optional<std::string_view>;

constexpr std::int64_t most_integer = std::numeric_limits<std::int32_t>::max();

// `$1` before `$2` in the text, and so on; LIMIT and OFFSET are 64 bits wide in PostgreSQL.
const Statement<ItemRow(std::int32_t, std::int32_t, std::int64_t)> find_by_price(
    fmt::format("SELECT {} FROM items WHERE price BETWEEN $1 AND $2 LIMIT $3", item_columns),
    {.bounded = true});
const Statement<ItemRow(std::string_view, std::int64_t, std::int64_t)> find_by_category(
    fmt::format("SELECT {} FROM items WHERE category = $1 ORDER BY id LIMIT $2 OFFSET $3", item_columns));
const Statement<ItemRow(Id)> find_item(fmt::format("SELECT {} FROM items WHERE id = $1", item_columns),
                                       {.bounded = true});
const Statement<ItemRow(Id, std::string_view, std::string_view, std::int32_t, std::int32_t)> put_item(
    fmt::format("INSERT INTO items ({0}) VALUES ($1, $2, $3, $4, $5, true, '[]', 0, 0)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name, category = excluded.category,"
                " price = excluded.price, quantity = excluded.quantity RETURNING {0}",
                item_columns));
const Statement<ItemRow(std::string_view, std::int32_t, std::int32_t, OptionalText, Id)> change_item(
    fmt::format("UPDATE items SET name = $1, price = $2, quantity = $3, category = coalesce($4, category)"
                " WHERE id = $5 RETURNING {}",
                item_columns));

/// No connection can be made or it was lost, or the server is on its way up or down.
bool says_that_it_is_away(const DatabaseError& error) noexcept {
  return error.sqlstate().starts_with("08") || error.sqlstate().starts_with("57P");
}

/// A benchmark wants a response, and no fault, while the database is away. One that is there but busy is no
/// reason to give less than was asked for.
Task<ItemRows> items_if_any(Database& database, std::int32_t least, std::int32_t most, std::int64_t limit) {
  try {
    co_return co_await database.query(find_by_price(least, most, limit));
  } catch (const DatabaseError& error) {
    if (!says_that_it_is_away(error)) throw;
  }
  co_return ItemRows();
}

Task<> items_by_price(const Request& request, Response& response) {
  constexpr IntegerRange min{-most_integer, most_integer, 10};
  constexpr IntegerRange max{-most_integer, most_integer, 50};
  constexpr IntegerRange limit{1, most_items, most_items};
  const ItemRows items = co_await items_if_any(
      request.worker<Database>(), static_cast<std::int32_t>(integer_parameter(request, "min", min)),
      static_cast<std::int32_t>(integer_parameter(request, "max", max)),
      integer_parameter(request, "limit", limit));
  JsonWriter out = response.json();
  out.begin_object();
  write_items(out, items);
  out.member("count", items.size()).end_object();
}

Task<> items_by_category(const Request& request, Response& response) {
  constexpr IntegerRange pages{1, most_integer, 1};
  constexpr IntegerRange limits{1, most_items, 10};
  const std::string category = request.query_value("category").value_or("electronics");
  const std::int64_t page = integer_parameter(request, "page", pages);
  const std::int64_t limit = integer_parameter(request, "limit", limits);
  const ItemRows items =
      co_await request.worker<Database>().query(find_by_category(category, limit, (page - 1) * limit));
  JsonWriter out = response.json();
  out.begin_object();
  write_items(out, items);
  out.member("total", items.size()).member("page", page).member("limit", limit).end_object();
}

// ---- One item. ----

/// For all workers, because a benchmark's clients expect on one connection what another has read. 200 ms is
/// HttpArena's rule. 16,384 items take some 8 MiB, and 16 at most.
using ItemCache = Cache<Id, std::shared_ptr<const ItemRows>>;
constexpr std::size_t most_cached_items = std::size_t{1} << 14U;
constexpr std::chrono::milliseconds item_lifetime{200};

[[noreturn]] void refuse_unknown_item() {
  throw HttpError(404, "there is no item with this id");
}

Id id_of(const Request& request) {
  const auto id = text::to_number(request.param("id"));
  if (!id || *id > static_cast<std::uint64_t>(most_integer)) refuse_unknown_item();
  return static_cast<Id>(*id);
}

void respond(Response& response, const ItemRows& item) {
  JsonWriter out = response.json();
  write_item(out, item.front());
}

Task<> one_item(const Request& request, Response& response, ItemCache& cache) {
  static const FieldLine hit("X-Cache", "HIT");
  static const FieldLine miss("X-Cache", "MISS");
  const Id id = id_of(request);
  const auto found = cache.find(id);
  if (found.value) {
    respond(response, **found.value);
    response.field(hit);
    co_return;
  }
  const auto item =
      std::make_shared<const ItemRows>(co_await request.worker<Database>().query(find_item(id)));
  if (item->empty()) {
    response.error(404, "there is no item with this id");
  } else {
    cache.insert(id, item, item_lifetime, found);
    respond(response, *item);
  }
  response.field(miss);
}

/// Erases an item at its end: before the response to the change, and if the change fails or is given up, for
/// then the database may have made it all the same.
class Changing {
 public:
  Changing(ItemCache& cache, Id id) noexcept : cache_(cache), id_(id) {}
  ~Changing() { cache_.erase(id_); }
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;

 private:
  ItemCache& cache_;
  Id id_;
};

/// An integer of the body that fits into its column, from `least` on.
std::int32_t read_integer(JsonObject& body, std::string_view name, std::int64_t least) {
  std::int64_t value = least;
  body.required(name, value);
  if (value < least || value > most_integer) {
    body.refuse(name, fmt::format("must be {}..{}", least, most_integer));
    return 0;
  }
  return static_cast<std::int32_t>(value);
}

/// More would be no bound of the cache, and of lists.
constexpr std::size_t most_text = 256;

void check_text(JsonObject& body, std::string_view name, const std::string& value) {
  if (value.size() > most_text) body.refuse(name, fmt::format("must have at most {} bytes", most_text));
}

std::string read_text(JsonObject& body, std::string_view name) {
  std::string value;
  body.required(name, value);
  check_text(body, name, value);
  return value;
}

struct NewItem {
  Id id = 0;
  std::string name;
  std::string category;
  std::int32_t price = 0;
  std::int32_t quantity = 0;
};

NewItem read_new_item(JsonObject& body) {
  NewItem item;
  item.id = read_integer(body, "id", 1);
  item.name = read_text(body, "name");
  item.category = read_text(body, "category");
  item.price = read_integer(body, "price", 0);
  item.quantity = read_integer(body, "quantity", 0);
  body.check();
  return item;
}

struct ItemChange {
  std::string name;
  std::int32_t price = 0;
  std::int32_t quantity = 0;
  std::optional<std::string> category;
};

ItemChange read_item_change(JsonObject& body) {
  ItemChange change;
  change.name = read_text(body, "name");
  change.price = read_integer(body, "price", 0);
  change.quantity = read_integer(body, "quantity", 0);
  std::string category;
  body.optional("category", category);
  check_text(body, "category", category);
  body.check();
  if (body.has_read("category")) change.category = std::move(category);
  return change;
}

Task<> put_new_item(const Request& request, Response& response, ItemCache& cache) {
  const NewItem sent = co_await json_later(request, read_new_item);
  const Changing changing(cache, sent.id);
  const auto item = co_await request.worker<Database>().query(
      put_item(sent.id, sent.name, sent.category, sent.price, sent.quantity));
  respond(response.status(201), item);
}

Task<> change_one_item(const Request& request, Response& response, ItemCache& cache) {
  const Id id = id_of(request);
  const ItemChange change = co_await json_later(request, read_item_change);
  const Changing changing(cache, id);
  const auto item = co_await request.worker<Database>().query(
      change_item(change.name, change.price, change.quantity, change.category, id));
  if (item.empty()) refuse_unknown_item();
  respond(response, item);
}

}  // namespace

void add_item_routes(Router& router) {
  const auto cache = std::make_shared<ItemCache>(most_cached_items);
  const auto with_cache = [&cache](auto handler) {
    return [cache, handler](const Request& request, Response& response) {
      return handler(request, response, *cache);
    };
  };
  router.get("/async-db", items_by_price);
  router.get("/crud/items", items_by_category);
  router.post("/crud/items", with_cache(put_new_item));
  router.get("/crud/items/{id}", with_cache(one_item));
  router.put("/crud/items/{id}", with_cache(change_one_item));
}

}  // namespace chopin::app
