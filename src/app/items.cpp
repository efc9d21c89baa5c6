#include "app/items.hpp"

namespace chopin::app {

void write_item(JsonWriter& out, const ItemRows::Tuple& item) {
  const auto& [id, name, category, price, quantity, active, tags, score, count] = item;
  out.begin_object().member("id", id).member("name", name).member("category", category);
  out.member("price", price).member("quantity", quantity).member("active", active);
  out.key("tags").raw(tags.text);
  out.key("rating").begin_object().member("score", score).member("count", count).end_object();
  out.end_object();
}

void write_items(JsonWriter& out, const ItemRows& items) {
  out.key("items").begin_array();
  for (const auto& item : items) write_item(out, item);
  out.end_array();
}

}  // namespace chopin::app
