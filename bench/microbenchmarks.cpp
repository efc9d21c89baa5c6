#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "app/routes.hpp"
#include "chopin/config.hpp"
#include "chopin/fast_route.hpp"
#include "chopin/json.hpp"
#include "chopin/response.hpp"
#include "chopin/router.hpp"
#include "chopin/token.hpp"
#include "connection/buffers.hpp"
#include "http/http_date.hpp"
#include "http/normal_path.hpp"
#include "http/prebuilt_response.hpp"
#include "http/request_parser.hpp"
#include "http/response_writer.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/route_table.hpp"

namespace {

using chopin::FastRoute;
using chopin::JsonObject;
using chopin::JsonWriter;
using chopin::Limits;
using chopin::Method;
using chopin::Param;
using chopin::Response;
using chopin::Router;
using chopin::http::DatedResponses;
using chopin::http::HttpDate;
using chopin::http::Persistence;
using chopin::http::PrebuiltResponses;
using chopin::http::RequestParser;
using chopin::http::ResponseWriter;
using chopin::routing::FastRouteIndex;
using chopin::routing::RouteTable;

constexpr std::string_view wrk_head = "GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n";

constexpr std::string_view query_head =
    "GET /plaintext?page=2&size=50 HTTP/1.1\r\n"
    "Host: 127.0.0.1:3000\r\n"
    "Accept: text/plain\r\n\r\n";

constexpr std::string_view browser_head =
    "GET /json HTTP/1.1\r\n"
    "Host: api.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-GB,en;q=0.7,pl;q=0.3\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.org/nocturnes/opus-9\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: theme=dark; visit=5f0c2a91d7e84b36; consent=essential,statistics; seen=2\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-site\r\n\r\n";

void parse_head(benchmark::State& state, std::string_view head) {
  const Limits limits;
  chopin::http::ParserScratch scratch(limits);
  std::optional<RequestParser> parser;  // constructed in prefix for each head, as a session does
  for (auto _ : state) {
    benchmark::DoNotOptimize(head);
    const RequestParser::Progress progress = parser.emplace(limits, scratch).parse_head(head);
    if (progress != RequestParser::Progress::complete) {
      state.SkipWithError("the head is not accepted");
      break;
    }
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * std::ssize(head));
}
BENCHMARK_CAPTURE(parse_head, wrk, wrk_head);
BENCHMARK_CAPTURE(parse_head, query_and_field, query_head);
BENCHMARK_CAPTURE(parse_head, browser, browser_head);

std::vector<std::string> paths_to(std::string_view prefix, std::int64_t count) {
  std::vector<std::string> paths;
  for (std::int64_t i = 0; i < count; ++i) paths.push_back(fmt::format("{}{:05}", prefix, i));
  return paths;
}

/// Paths of one size in a shuffled order: a single path would measure the cache. They are stored in that
/// order, because a server has just received the path and only the table may miss the cache.
class InTurn {
 public:
  explicit InTurn(std::vector<std::string> paths) : size_(paths.front().size()) {
    std::shuffle(paths.begin(), paths.end(), std::minstd_rand(1));  // the same order each time
    for (const std::string& path : paths) text_ += path;
  }

  std::string_view next() {
    if (at_ == text_.size()) at_ = 0;
    const std::string_view path(text_.data() + at_, size_);
    at_ += size_;
    return path;
  }

 private:
  std::string text_;
  std::size_t size_;
  std::size_t at_ = 0;
};

constexpr std::string_view short_prefix =
    "/catalogue/";  // 16 bytes with the number: the key holds the whole path
constexpr std::string_view other_prefix = "/nocturnes/";
constexpr std::string_view long_prefix = "/catalogue/of/all/the/works/";

void look_up(benchmark::State& state, std::string_view routed_prefix, std::string_view requested_prefix) {
  Router router;
  for (const std::string& path : paths_to(routed_prefix, state.range(0))) {
    router.fast(FastRoute::text(path, "x"));
  }
  const RouteTable table(std::move(router), chopin::Mode::performance);
  PrebuiltResponses responses;
  const FastRouteIndex index(table, chopin::Mode::performance, chopin::ResponseClass::prebuilt, responses);
  InTurn in_turn(paths_to(requested_prefix, state.range(0)));
  const bool is_hit = index.find(Method::get, in_turn.next()) != nullptr;
  if (is_hit != (routed_prefix == requested_prefix))
    return state.SkipWithError("the wrong paths have routes");
  for (auto _ : state) benchmark::DoNotOptimize(index.find(Method::get, in_turn.next()));
}
BENCHMARK_CAPTURE(look_up, hit, short_prefix, short_prefix)->Arg(2)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(look_up, miss, short_prefix, other_prefix)->Arg(2)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(look_up, long_hit, long_prefix, long_prefix)->Arg(2)->Arg(100)->Arg(10000);

void ignore(const chopin::Request&, chopin::Response&) {}

/// Patterns that share their first and last segments, and parameters between them.
void look_up_pattern(benchmark::State& state) {
  Router router;
  std::vector<std::string> paths = paths_to("/shop/catalogue-", state.range(0));
  for (std::string& path : paths) {
    router.get(path + "/{item}/detail/{part}", ignore);
    path += "/4711/detail/cover";
  }
  const RouteTable table(std::move(router), chopin::Mode::performance);
  std::vector<Param> params;
  InTurn in_turn(std::move(paths));
  if (table.find(Method::get, in_turn.next(), params).endpoint == nullptr || params.size() != 2) {
    return state.SkipWithError("the path has no route");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.find(Method::get, in_turn.next(), params));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(look_up_pattern)->Arg(10)->Arg(100)->Arg(1000);

/// One route and one path of this many 8-byte segments, the last a parameter: bytes per second show whether
/// the cost is linear in the length.
void look_up_long_path(benchmark::State& state) {
  std::string path;
  for (std::int64_t i = 1; i < state.range(0); ++i) path += "/segment";
  Router router;
  router.get(path + "/{last}", ignore);
  path += "/segment";
  const RouteTable table(std::move(router), chopin::Mode::performance);
  std::vector<Param> params;
  if (table.find(Method::get, path, params).endpoint == nullptr) {
    return state.SkipWithError("the path has no route");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(path.data());
    benchmark::DoNotOptimize(table.find(Method::get, path, params));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * std::ssize(path));
}
BENCHMARK(look_up_long_path)->Arg(2)->Arg(8)->Arg(32)->Arg(128)->Arg(512);

void normalise_path(benchmark::State& state, std::string_view path, std::string_view normal) {
  std::string memory;
  if (chopin::http::normalise_path(path, memory).path != normal) {
    return state.SkipWithError("unexpected normal path");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(path);
    benchmark::DoNotOptimize(chopin::http::normalise_path(path, memory));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * std::ssize(path));
}
BENCHMARK_CAPTURE(normalise_path, plain, "/works/ballades/opus-23", "/works/ballades/opus-23");
BENCHMARK_CAPTURE(normalise_path, encoded, "/works/pr%C3%A9ludes/opus%2028", "/works/préludes/opus 28");

void format_date(benchmark::State& state) {
  std::time_t now = 784111777;
  for (auto _ : state) {
    const HttpDate date(now++);
    benchmark::DoNotOptimize(date.text().data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(format_date);

struct BenchmarkResponses {
  RouteTable table{chopin::app::benchmark_server({}), chopin::Mode::performance};
  PrebuiltResponses responses;
  FastRouteIndex index{table, chopin::Mode::performance, chopin::ResponseClass::prebuilt, responses};
  DatedResponses dated{responses};
};

void patch_all_dates(benchmark::State& state) {
  BenchmarkResponses fast;
  const HttpDate date(784111777);
  for (auto _ : state) {
    fast.dated.set_date(date.text());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(patch_all_dates);

void copy_response(benchmark::State& state) {
  BenchmarkResponses fast;
  fast.dated.set_date(HttpDate(784111777).text());
  const auto id = fast.index.find(Method::get, "/plaintext")->prebuilt;
  chopin::ByteBuffer output;
  for (auto _ : state) {
    output.append(fast.dated.bytes(id, Persistence::keep_alive, false));
    benchmark::DoNotOptimize(output.bytes().data());
    benchmark::ClobberMemory();
    output.clear();
  }
}
BENCHMARK(copy_response);

void write_hello(JsonWriter out) {
  out.begin_object().member("message", "Hello, World!").end_object();
}

/// The body that a composed response writes for each request, into memory that is reused.
void write_json(benchmark::State& state) {
  chopin::ByteBuffer out;
  for (auto _ : state) {
    out.clear();
    write_hello(JsonWriter(out));
    benchmark::DoNotOptimize(out.bytes().data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * std::ssize(out.bytes()));
}
BENCHMARK(write_json);

void compose_response(benchmark::State& state) {
  Response response;
  write_hello(response.json());
  const HttpDate date(784111777);
  chopin::ByteBuffer output;
  for (auto _ : state) {
    benchmark::DoNotOptimize(&response);
    const ResponseWriter writer{.response = response, .date = date};
    output.commit(writer.write(output.prepare(writer.most_bytes())));
    benchmark::DoNotOptimize(output.bytes().data());
    benchmark::ClobberMemory();
    output.clear();
  }
}
BENCHMARK(compose_response);

/// An array of this many bytes: objects with strings, numbers and a nested array, then white space.
std::string catalogue(std::size_t size) {
  std::string text = "[";
  for (int id = 1;; ++id) {
    chopin::ByteBuffer item;
    if (id != 1) item.push_back(',');
    JsonWriter out(item);
    out.begin_object().member("id", id).member("title", "Nocturne \"posthumous\"").member("minutes", 4.25);
    out.key("keys").begin_array().value("C sharp minor").value("E major").end_array().end_object();
    if (text.size() + item.size() + 1 > size) break;
    text += item.bytes();
  }
  text.append(size - text.size() - 1, ' ');
  return text + "]";
}

void validate_json(benchmark::State& state) {
  const std::string text = catalogue(static_cast<std::size_t>(state.range(0)));
  if (!JsonObject::validate(text).reason.empty()) return state.SkipWithError("the text is not JSON");
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.data());
    benchmark::DoNotOptimize(JsonObject::validate(text));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * std::ssize(text));
}
BENCHMARK(validate_json)->Arg(1024)->Arg(65536);

/// A token as a login makes it, checked at the moment when it was made.
void verify_token(benchmark::State& state) {
  const chopin::TokenKeys keys(std::string(chopin::TokenKeys::strong_secret, 'k'));
  const std::chrono::sys_seconds now(std::chrono::seconds(1700000000));
  const std::string token = keys.sign(
      {.subject = "12345678", .roles = {"user"}, .expires = now + std::chrono::hours(24), .issued = now});
  if (!std::holds_alternative<chopin::Claims>(keys.verify(token, now))) {
    return state.SkipWithError("the token is not valid");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(token.data());
    benchmark::DoNotOptimize(keys.verify(token, now));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(verify_token);

}  // namespace
