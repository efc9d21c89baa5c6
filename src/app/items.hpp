#pragma once

#include <cstdint>
#include <string_view>

#include "chopin/json.hpp"
#include "chopin/rows.hpp"
#include "chopin/statement.hpp"

namespace chopin::app {

/// The columns of the table `items`, in the order of `item_columns`.
template <template <class...> class Of>
using OfItem = Of<std::int32_t, std::string_view, std::string_view, std::int32_t, std::int32_t, bool,
                  JsonText, std::int32_t, std::int32_t>;
using ItemRow = OfItem<Row>;
using ItemRows = OfItem<Rows>;

constexpr std::string_view item_columns =
    "id, name, category, price, quantity, active, tags, rating_score, rating_count";

/// Most items in one response.
constexpr std::int64_t most_items = 50;

void write_item(JsonWriter& out, const ItemRows::Tuple& item);

/// The member "items".
void write_items(JsonWriter& out, const ItemRows& items);

}  // namespace chopin::app
