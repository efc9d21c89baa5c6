#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "app/routes.hpp"
#include "chopin/config.hpp"
#include "chopin/fast_route.hpp"
#include "chopin/router.hpp"
#include "http/canned_response.hpp"
#include "http/http_date.hpp"
#include "http/request_parser.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/route_table.hpp"
#include "server/buffers.hpp"

namespace {

using chopin::FastRoute;
using chopin::Limits;
using chopin::Method;
using chopin::Param;
using chopin::Router;
using chopin::http::CannedResponses;
using chopin::http::DatedResponses;
using chopin::http::HttpDate;
using chopin::http::Persistence;
using chopin::http::RequestParser;
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
  std::optional<RequestParser> parser;  // kept and refilled as a session's is
  for (auto _ : state) {
    benchmark::DoNotOptimize(head);
    const RequestParser::Progress progress = parser.emplace(limits, scratch).parse_head(head);
    if (progress != RequestParser::Progress::complete) state.SkipWithError("the head is not accepted");
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * std::ssize(head));
}
BENCHMARK_CAPTURE(parse_head, wrk, wrk_head);
BENCHMARK_CAPTURE(parse_head, query_and_field, query_head);
BENCHMARK_CAPTURE(parse_head, browser, browser_head);

std::vector<std::string> route_paths(std::size_t count) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i) paths.push_back("/catalogue/" + std::to_string(i));
  return paths;
}

RouteTable fast_routes_to(const std::vector<std::string>& paths) {
  Router router;
  for (const std::string& path : paths) router.fast(FastRoute::text(path, "x"));
  return {std::move(router), chopin::Mode::performance};
}

/// Every path in turn, in an order the prefetcher cannot guess: asking for one path only would measure the
/// cache.
class InTurn {
 public:
  explicit InTurn(std::vector<std::string> paths) : paths_(std::move(paths)) {
    std::shuffle(paths_.begin(), paths_.end(), std::minstd_rand(1));  // the same order each time
  }

  const std::string& next() {
    if (++at_ >= paths_.size()) at_ = 0;
    return paths_[at_];
  }

 private:
  std::vector<std::string> paths_;
  std::size_t at_ = 0;
};

void look_up(benchmark::State& state, const std::string& suffix) {
  std::vector<std::string> paths = route_paths(static_cast<std::size_t>(state.range(0)));
  CannedResponses responses;
  const RouteTable table = fast_routes_to(paths);
  const FastRouteIndex index(table, chopin::AnswerClass::prebuilt, responses);
  for (std::string& path : paths) path += suffix;
  InTurn in_turn(std::move(paths));
  for (auto _ : state) benchmark::DoNotOptimize(index.find(Method::get, in_turn.next()));
}
BENCHMARK_CAPTURE(look_up, hit, "")->Arg(2)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(look_up, miss, "/no")->Arg(2)->Arg(100)->Arg(10000);

/// Patterns that share their first and last segments, and parameters between them.
void look_up_pattern(benchmark::State& state) {
  Router router;
  std::vector<std::string> paths;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const std::string start = "/shop/catalogue-" + std::to_string(i);
    router.get(start + "/{item}/detail/{part}", [](const chopin::Request&, chopin::Response&) {});
    paths.push_back(start + "/4711/detail/cover");
  }
  const RouteTable table(std::move(router), chopin::Mode::performance);
  std::vector<Param> params;
  InTurn in_turn(std::move(paths));
  for (auto _ : state) {
    const RouteTable::Found found = table.find(Method::get, in_turn.next(), params);
    if (found.endpoint == nullptr) state.SkipWithError("the path has no route");
    benchmark::DoNotOptimize(params.data());
  }
}
BENCHMARK(look_up_pattern)->Arg(10)->Arg(100)->Arg(1000);

/// One route, paths of 2, 8 and 32 segments: the cost follows the length.
void look_up_long_path(benchmark::State& state) {
  Router router;
  std::string path;
  std::string pattern;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    path += "/segment";
    pattern += i + 1 < state.range(0) ? "/segment" : "/{last}";
  }
  router.get(pattern, [](const chopin::Request&, chopin::Response&) {});
  const RouteTable table(std::move(router), chopin::Mode::performance);
  std::vector<Param> params;
  for (auto _ : state) benchmark::DoNotOptimize(table.find(Method::get, path, params));
  state.SetBytesProcessed(state.iterations() * std::ssize(path));
}
BENCHMARK(look_up_long_path)->Arg(2)->Arg(8)->Arg(32);

void format_date(benchmark::State& state) {
  std::time_t now = 784111777;
  for (auto _ : state) {
    const HttpDate date(now++);
    benchmark::DoNotOptimize(date.text().data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(format_date);

struct BenchmarkAnswers {
  RouteTable table{chopin::app::benchmark_server({}), chopin::Mode::performance};
  CannedResponses responses;
  FastRouteIndex index{table, chopin::AnswerClass::prebuilt, responses};
  DatedResponses dated{responses};
};

void patch_all_dates(benchmark::State& state) {
  BenchmarkAnswers answers;
  const HttpDate date(784111777);
  for (auto _ : state) {
    answers.dated.set_date(date.text());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(patch_all_dates);

void copy_answer(benchmark::State& state) {
  BenchmarkAnswers answers;
  answers.dated.set_date(HttpDate(784111777).text());
  const auto id = *answers.index.find(Method::get, "/plaintext");
  chopin::server::OutputBuffer output(Limits::max_pending_output);
  for (auto _ : state) {
    output.append(answers.dated.bytes(id, Persistence::keep_alive, false));
    benchmark::DoNotOptimize(output.bytes().data());
    benchmark::ClobberMemory();
    output.clear();
  }
}
BENCHMARK(copy_answer);

}  // namespace
