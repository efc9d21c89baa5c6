// Paths, from the bytes in a target to the response. The first byte of the input chooses the method; the
// others are used twice: unchanged as a path to look up, which may be any bytes, and without the bytes that
// no target can hold as a path to normalise first.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chopin/middleware.hpp"
#include "chopin/router.hpp"
#include "exact_bytes.hpp"
#include "fuzz_target.hpp"
#include "http/normal_path.hpp"
#include "http/response_writer.hpp"
#include "naive_match.hpp"
#include "require.hpp"
#include "routing/route_table.hpp"
#include "text/characters.hpp"
#include "text/utf8.hpp"

namespace chopin::fuzz {
namespace {

using routing::RouteTable;

/// The routes of the table, which it must find.
struct Known {
  enum class Kind : std::uint8_t { plain, later, fast, throws, errs };

  std::string pattern;
  MethodSet methods;
  Kind kind = Kind::plain;
};

const std::vector<Known>& known_resources() {
  using enum Known::Kind;
  static const std::vector<Known> resources{
      {"/", {Method::get}, fast},
      {"/json", {Method::get, Method::head}, fast},
      {"/a b/caf\xc3\xa9", {Method::put, Method::get}, fast},
      {"/a", {Method::get, Method::post}},
      {"/a/", {Method::get, Method::head}},
      {"//", {Method::delete_}},
      {"/a//b", {Method::get}},
      {"/a/b/c/d", {Method::get}},
      {"/a/{x}/c/{y}", {Method::get, Method::options}},
      {"/{w}/b/c/{y}", {Method::patch}},
      {"/{w}/b/{rest...}", {Method::get}},
      {"/a/{x}/{rest...}", {Method::post}},
      {"/a/b", {Method::head}},
      {"/a/{x}", {Method::get, Method::delete_}, later},
      {"/{x}/", {Method::get}},
      {"/b/{x}/{y}/{z}", {Method::get}},
      {"/b/{rest...}", {Method::get, Method::head}},
      {"/throws", {Method::get}, throws},
      {"/throws/{x}", {Method::get, Method::put}, throws},
      {"/errs/{x...}", {Method::get, Method::options}, errs},
      {"/..a/.../{x}", {Method::get}},
      {"/100%/%6", {Method::get}},
  };
  return resources;
}

std::string encoded(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (text::is_in(c, text::character_class::path) && c != '%') {
      text += c;
    } else {
      text.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
  }
  return text;
}

void add(Router& router, const Known& known, Method method) {
  switch (known.kind) {
    case Known::Kind::later: router.route(method, known.pattern, [](Responder) {}); return;
    case Known::Kind::throws:
      router.route(method, known.pattern, [](const Request& request, Response& response) {
        response.field("X-Half", "1").text("half");
        if (request.params().empty()) throw std::runtime_error("thrown");
        throw 7;
      });
      return;
    case Known::Kind::errs:
      router.route(method, known.pattern, [](const Request& request, Response&) {
        throw HttpError(422, std::string(request.param("x")), {{std::string(request.param("x")), "fault"}});
      });
      return;
    default:
      router.route(method, known.pattern,
                   [pattern = known.pattern](const Request&, Response& response) { response.text(pattern); });
  }
}

Router filled_router() {
  Router router;
  router.use(middleware::cors("")).use(middleware::request_id(""));
  for (const Known& known : known_resources()) {
    if (known.kind == Known::Kind::fast) {
      router.fast(FastRoute::text(encoded(known.pattern), known.pattern).methods(known.methods));
      continue;
    }
    for (const Method method : implementable_methods) {
      if (known.methods.contains(method)) add(router, known, method);
    }
  }
  return router;
}

const RouteTable& table(Mode mode) {
  static const RouteTable standard(filled_router(), Mode::standard);
  static const RouteTable performance(filled_router(), Mode::performance);
  return mode == Mode::standard ? standard : performance;
}

MethodSet routed(const Known& known) {
  MethodSet methods = known.methods;
  if (methods.contains(Method::get)) methods.insert(Method::head);
  return methods;
}

/// The route that should serve a method on a path, and its parameters.
struct Expected {
  const Known* known = nullptr;
  std::vector<Param> params;
};

Expected expected_for(Method method, std::string_view path) {
  std::vector<std::string> patterns;
  std::vector<const Known*> candidates;
  for (const Known& known : known_resources()) {
    if (!routed(known).contains(method)) continue;
    patterns.push_back(known.pattern);
    candidates.push_back(&known);
  }
  const auto match = naive_match(patterns, path);
  if (!match) return {};
  const Known& known = *candidates[match->pattern];
  return {&known, naive_match({&known.pattern, 1}, path)->params};  // with names that outlive `patterns`
}

MethodSet allowed_on(std::string_view path) {
  MethodSet methods;
  for (const Known& known : known_resources()) {
    if (naive_match({&known.pattern, 1}, path)) methods.insert(routed(known));
  }
  if (!methods.empty()) methods.insert(Method::options);
  return methods;
}

void judge_found(const RouteTable::Found& found, Method method, std::string_view path,
                 const std::vector<Param>& params) {
  const Expected expected = expected_for(method, path);
  require((found.endpoint != nullptr) == (expected.known != nullptr), "the route of the method is found");
  if (found.endpoint == nullptr) {
    require(found.allowed.allow() == allowed_on(path).allow(), "a method is allowed if it has a route");
  }
  require(params.size() == expected.params.size(), "every parameter of the pattern has a value");
  for (std::size_t i = 0; i < params.size(); ++i) {
    require(params[i].name == expected.params[i].name, "parameters have the pattern's names");
    require(params[i].value == expected.params[i].value, "parameters have the matched text");
    require(lies_inside(params[i].value, path), "parameters are views of the path");
  }
}

/// Checks the response beyond its status and fields, which judge_response checks for all.
void judge_response_of(const Known& known, const Response& response) {
  switch (known.kind) {
    case Known::Kind::plain:
    case Known::Kind::fast:
      require(response.body() == known.pattern, "the pattern's own handler is called");
      break;
    case Known::Kind::throws: require(response.status() == 500, "an exception becomes 500"); break;
    case Known::Kind::errs: require(response.status() == 422, "an HttpError keeps its status"); break;
    case Known::Kind::later: break;
  }
}

std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

void judge_response(const Response& response, bool passed_middleware) {
  require(response.status() >= 200 && response.status() <= 599, "every response has a final status");
  require(text::valid_utf8_prefix(response.body()) == response.body().size(), "errors are UTF-8");
  const std::string_view lines = response.field_lines();
  require(count_of("Access-Control-Allow-Origin: ", lines) == (passed_middleware ? 1 : 0), "one origin");
  require(count_of("X-Request-Id: ", lines) == (passed_middleware ? 1 : 0), "one request id");
  require((response.status() == 405) <= (count_of("Allow: ", lines) == 1), "a 405 has Allow");
  const http::HttpDate date(0);
  const http::ResponseWriter writer{.response = response, .date = date};
  std::string bytes(writer.most_bytes(), '\0');
  const char* const end = writer.write(bytes.data());
  require(end <= bytes.data() + bytes.size(), "a response is no longer than most_bytes");
}

/// `path` is treated as normal, whatever it is.
void judge_routing(Mode mode, Method method, std::string_view path) {
  std::vector<Param> params{{"left", "over"}};
  const auto found = table(mode).find(method, path, params);
  judge_found(found, method, path, params);
  const std::array<Field, 1> fields{{{"X-Request-Id", path}}};
  Request request({.method = method, .target = path, .path = path, .fields = fields, .params = params});
  Response response;
  const auto passed = table(mode).dispatch(found, request, response);
  if (passed) table(mode).finish(found, *passed, request, response);
  if (found.endpoint == nullptr) {
    judge_response(response, true);
    const bool is_204 = method == Method::options && (!found.allowed.empty() || path == "*");
    require((response.status() == 204) == is_204, "OPTIONS gets 204 if the path has a route");
    return;
  }
  const Known& known = *expected_for(method, path).known;
  require(passed.has_value() == (known.kind == Known::Kind::later),
          "a handler that responds later is awaited");
  judge_response(response, mode == Mode::standard || known.kind != Known::Kind::fast);
  judge_response_of(known, response);
}

bool has_dot_segment(std::string_view path) {
  const std::string closed = std::string(path) + '/';
  return closed.find("/./") != std::string::npos || closed.find("/../") != std::string::npos;
}

void judge_normalisation(std::string_view path) {
  std::string memory = "left over";
  const http::NormalPath normal = http::normalise_path(path, memory);
  if (normal.rejection != http::Rejection::none) {
    require(http::response_to(normal.rejection).status == 400, "an invalid path is a bad request");
    return;
  }
  require(normal.path.size() <= path.size(), "normalising does not lengthen a path");
  if (!path.starts_with('/')) {
    require(normal.path == path, "a target that is no path is unchanged");
    return;
  }
  require(normal.path.starts_with('/'), "a normal path begins with a slash");
  require(!has_dot_segment(normal.path), "a normal path has no dot segments");
  require(text::valid_utf8_prefix(normal.path) == normal.path.size(), "a normal path is UTF-8");
  require(std::ranges::all_of(normal.path,
                              [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; }),
          "a normal path has no control bytes");
  require(normal.path.find('\\') == std::string_view::npos, "a normal path has no backslashes");
  require(count_of("/", normal.path) <= count_of("/", path), "no slash is decoded");
  std::string again_memory;
  const ExactBytes encoded_again(encoded(normal.path));
  const http::NormalPath again = http::normalise_path(encoded_again.view(), again_memory);
  require(again.rejection == http::Rejection::none && again.path == normal.path,
          "encoding and normalising a normal path gives it back");
  if (normal.path.find('%') == std::string_view::npos) {
    const ExactBytes once(normal.path);
    const http::NormalPath twice = http::normalise_path(once.view(), again_memory);
    require(twice.rejection == http::Rejection::none && twice.path == normal.path,
            "normalising twice changes nothing");
  }
}

void run(std::string_view input) {
  if (input.empty()) return;
  const auto method = static_cast<Method>(static_cast<unsigned char>(input[0]) % 10);
  const ExactBytes path(input.substr(1));
  for (const Mode mode : {Mode::standard, Mode::performance}) judge_routing(mode, method, path.view());

  std::string text;
  std::ranges::copy_if(path.view(), std::back_inserter(text),
                       [](char c) { return text::is_in(c, text::character_class::path); });
  const ExactBytes target(text);
  judge_normalisation(target.view());
  std::string memory;
  const http::NormalPath normal = http::normalise_path(target.view(), memory);
  if (normal.rejection == http::Rejection::none) judge_routing(Mode::standard, method, normal.path);
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
