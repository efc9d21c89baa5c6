// The document of an API with 1,000 routes, and all that the start of a server does for it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "chopin/byte_buffer.hpp"
#include "chopin/json.hpp"
#include "chopin/operation.hpp"
#include "chopin/router.hpp"
#include "docs/document_routes.hpp"
#include "docs/openapi.hpp"

namespace {

using chopin::member;

constexpr std::size_t type_count = 20;
constexpr std::size_t paths_of_type = 50;

enum class Rank : std::uint8_t { low, high };
constexpr auto json_names(Rank /*rank*/) {
  return std::to_array<chopin::EnumName<Rank>>({{Rank::low, "low"}, {Rank::high, "high"}});
}

/// 20 types of 10 members.
template <std::size_t number>
struct Record {
  std::int64_t id = 0;
  std::string name;
  std::string text;
  double price = 0;
  std::uint32_t stock = 0;
  bool active = false;
  Rank rank = Rank::low;
  std::string email;
  std::vector<std::string> tags;
  std::optional<std::string> remark;

  static constexpr auto json_members = chopin::members(
      member("id", &Record::id).range(1, 1'000'000), member("name", &Record::name).length(1, 100),
      member("text", &Record::text).length(0, 2000), member("price", &Record::price).range(0, 1'000'000),
      member("stock", &Record::stock), member("active", &Record::active), member("rank", &Record::rank),
      member("email", &Record::email).format(chopin::json::Format::email),
      member("tags", &Record::tags).items(0, 10), member("remark", &Record::remark));
};

template <std::size_t number>
void add_routes(chopin::Router& router) {
  for (std::size_t i = 0; i < paths_of_type; ++i) {
    router.put(fmt::format("/type{}/path{}/{{id}}", number, i),
               chopin::operation([](chopin::Path<std::int64_t> /*id*/,
                                    chopin::Body<Record<number>> record) { return std::move(*record); },
                                 {.summary = "Replaces one.",
                                  .description = "Whoever had the old one does not hear of it.",
                                  .errors = {{409, "It is in use."}}}));
  }
}

chopin::Router router_of_thousand() {
  chopin::Router router;
  router.document({.title = "A thousand routes", .version = "1.0"});
  [&]<std::size_t... number>(std::index_sequence<number...>) {
    (add_routes<number>(router), ...);
  }(std::make_index_sequence<type_count>());
  return router;
}

void write_document_of_1000_routes(benchmark::State& state) {
  const chopin::Router router = router_of_thousand();
  chopin::ByteBuffer out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    chopin::docs::write_openapi(chopin::JsonWriter(out), router, *router.api_info());
    benchmark::DoNotOptimize(out.bytes().data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}

/// With the copies of the router, the page, and the prebuilt response.
void add_document_of_1000_routes(benchmark::State& state) {
  const chopin::Router router = router_of_thousand();
  for ([[maybe_unused]] auto _ : state) {
    auto documented = chopin::docs::with_document(router);
    benchmark::DoNotOptimize(documented);
  }
}

BENCHMARK(write_document_of_1000_routes)->Unit(benchmark::kMillisecond);
BENCHMARK(add_document_of_1000_routes)->Unit(benchmark::kMillisecond);

}  // namespace
