// A struct read from JSON, beside simdjson alone with the same members in the same order; and written, beside
// fmt with the names in its pattern, which escapes nothing.
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <simdjson.h>

#include "chopin/json_value.hpp"

namespace {

namespace ondemand = simdjson::ondemand;
using chopin::member;

struct Product {
  std::int64_t id = 0;
  std::string name;
  std::string description;
  double price = 0;
  std::uint32_t stock = 0;
  bool active = false;
  std::vector<std::string> tags;
  std::string email;
  std::int64_t created = 0;
  std::optional<std::string> remark;

  static constexpr auto json_members = chopin::members(
      member("id", &Product::id).range(1, 1'000'000), member("name", &Product::name).length(1, 100),
      member("description", &Product::description).length(0, 2000),
      member("price", &Product::price).range(0, 1'000'000), member("stock", &Product::stock),
      member("active", &Product::active), member("tags", &Product::tags).items(0, 10),
      member("email", &Product::email), member("created", &Product::created),
      member("remark", &Product::remark));
};

/// Of 1 KiB.
std::string product_text() {
  std::string description;
  while (description.size() < 820) description += "A sentence of the description. ";
  return R"({"id":4711,"name":"A product of the catalogue","description":")" + description +
         R"(","price":12.75,"stock":42,"active":true,"tags":["red","small","new"],)"
         R"("email":"somebody@example.org","created":1764230400,"remark":null})";
}

/// An array of them, of 1 MiB.
std::string products_text() {
  const std::string product = product_text();
  std::string text = "[" + product;
  while (text.size() + product.size() < std::size_t{1} << 20) text += "," + product;
  return text + "]";
}

/// As a careful user of simdjson reads it: nothing is checked but the types.
void read_alone(ondemand::value value, Product& product) {
  ondemand::object object = value.get_object();
  const auto text = [&object](std::string_view name, std::string& into) {
    into = object[name].get_string().value();
  };
  product.id = object["id"].get_int64();
  text("name", product.name);
  text("description", product.description);
  product.price = object["price"].get_double();
  product.stock = static_cast<std::uint32_t>(object["stock"].get_uint64());
  product.active = object["active"].get_bool();
  for (const std::string_view tag : object["tags"].get_array()) product.tags.emplace_back(tag);
  text("email", product.email);
  product.created = object["created"].get_int64();
  ondemand::value remark = object["remark"].value();
  if (!remark.is_null()) product.remark = std::string(remark.get_string().value());
}

void read_alone(ondemand::value value, std::vector<Product>& products) {
  for (ondemand::value product : value.get_array()) read_alone(product, products.emplace_back());
}

template <class Value>
void simdjson_alone(benchmark::State& state, const std::string& text) {
  ondemand::parser parser;
  std::string padded;
  for ([[maybe_unused]] auto _ : state) {
    padded.assign(text).append(simdjson::SIMDJSON_PADDING, '\0');  // the server copies it too
    ondemand::document document = parser.iterate(padded.data(), text.size(), padded.size());
    Value value;
    read_alone(document.get_value().value(), value);
    benchmark::DoNotOptimize(value);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

template <class Value>
void read_json(benchmark::State& state, const std::string& text) {
  for ([[maybe_unused]] auto _ : state) {
    auto value = chopin::read_json<Value>(text);
    benchmark::DoNotOptimize(value);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void write_product(benchmark::State& state) {
  const auto product = chopin::read_json<Product>(product_text());
  chopin::ByteBuffer out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    chopin::JsonWriter writer(out);
    chopin::write_json(writer, product);
    benchmark::DoNotOptimize(out.bytes().data());
  }
}

void write_product_with_fmt(benchmark::State& state) {
  const auto product = chopin::read_json<Product>(product_text());
  fmt::memory_buffer out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    fmt::format_to(
        std::back_inserter(out),
        FMT_COMPILE(R"({{"id":{},"name":"{}","description":"{}","price":{},"stock":{},"active":{},)"
                    R"("tags":["{}","{}","{}"],"email":"{}","created":{},"remark":null}})"),
        product.id, product.name, product.description, product.price, product.stock, product.active,
        product.tags[0], product.tags[1], product.tags[2], product.email, product.created);
    benchmark::DoNotOptimize(out.data());
  }
}

void read_product(benchmark::State& state) {
  read_json<Product>(state, product_text());
}
void read_product_with_simdjson(benchmark::State& state) {
  simdjson_alone<Product>(state, product_text());
}
void read_products(benchmark::State& state) {
  read_json<std::vector<Product>>(state, products_text());
}
void read_products_with_simdjson(benchmark::State& state) {
  simdjson_alone<std::vector<Product>>(state, products_text());
}

BENCHMARK(read_product);
BENCHMARK(read_product_with_simdjson);
BENCHMARK(read_products);
BENCHMARK(read_products_with_simdjson);
BENCHMARK(write_product);
BENCHMARK(write_product_with_fmt);

}  // namespace
