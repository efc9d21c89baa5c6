#include "lone_worker.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "chopin/middleware.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

constexpr std::string_view fixed_date = "Sun, 06 Nov 1994 08:49:37 GMT";

constexpr std::array<Limits, limits_choices> limits_to_choose{{
    {},
    {.max_head = 1024, .max_fields = 4, .max_body = 100},
    {.max_head = 1500, .max_fields = 20, .max_body = 8},
}};

Config config_of(Mode mode, std::size_t limits, Reading reading) {
  Config config;
  config.mode = mode;
  config.limits = limits_to_choose[limits];
  config.head_memo = reading == Reading::remembered;
  config.head_scanner = reading != Reading::parsed;
  config.limits.min_rate = 0;  // of a local socket it is not known what the peer has read
  config.timeouts.header = config.timeouts.body = config.timeouts.idle = config.timeouts.write =
      std::chrono::seconds(2);  // so that a script needs few ticks
  return config;
}

/// The digits at the end of a path, as a status.
std::uint16_t status_of(std::string_view digits) {
  std::uint16_t status = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return status;
}

Middleware names_request() {
  return {.name = "saw",
          .reason = "tells responses apart",
          .before = {},
          .after = [](const Request& request, Response& response) {
            response.field("X-Saw", fmt::format("{} {}", to_string(request.method()), request.target()));
            if (is_streamed(request.path())) response.field("X-Stream", request.path());
          }};
}

void echo(const Request& request, Response& response) {
  const std::string_view type = request.field("Content-Type");
  response.body(type.empty() ? "application/octet-stream" : type, request.body());
}

void add_fast_routes(Router& router) {
  router.fast(FastRoute::json("/json", R"({"message":"hello"})").cors().header("X-Fast", "1"));
  router.fast(FastRoute::text("/a%20b", "encoded").header("X-Fast", "1").get_only());
}

void add_routes(Router& router) {
  router.get("/", [](const Request&, Response& response) { response.text("welcome"); });
  router.get("/large", [body = std::string(large_body, 'x')](const Request&, Response& response) {
    response.text(body);
  });
  router.get("/status/{code}", [](const Request& request, Response& response) {
    response.status(status_of(request.param("code"))).text("a status");
  });
  router.get("/throws", [](const Request&, Response&) { throw std::runtime_error("thrown"); });
  router.post("/echo", echo);
  router.put("/items/{id}/{rest...}", [](const Request& request, Response& response) {
    response.text(request.param("rest")).field("X-Size", std::to_string(request.body().size()));
  });
}

/// Handlers that respond later: when the test lets them, at once, or never.
void add_later_routes(Router& router, std::deque<Responder>& held) {
  router.route(Method::get, "/held/{n}", [&held](Responder responder) {
    responder.response().text(responder.request().param("n"));
    held.push_back(std::move(responder));
  });
  router.route(Method::post, "/held", [&held](Responder responder) {
    echo(responder.request(), responder.response());
    responder.on_client_gone([] { throw std::runtime_error("client gone"); });
    held.push_back(std::move(responder));
  });
  router.route(Method::get, "/now", [](Responder responder) {
    responder.response().text("now");
    responder.send();
  });
  router.route(Method::get, "/lost", [](const Responder&) {});
  router.route(Method::get, "/lost/thrown", [](const Responder&) { throw std::runtime_error("thrown"); });
}

Router filled_router(std::deque<Responder>& held, StreamRoutes& streams) {
  Router router;
  router.use(names_request()).use(middleware::cors(""));
  add_fast_routes(router);
  add_routes(router);
  add_later_routes(router, held);
  streams.add_to(router);
  return router;
}

}  // namespace

LoneWorker::LoneWorker(const Config& config)
    : config_(config),
      shared_routes_(filled_router(held_, streams_), config_),
      context_(config_, shared_routes_, connections_, loop_, io_context_) {
  loop_.tasks()->claim();
  context_.worker.session_ended = [] {};
  context_.worker.date = http::HttpDate(0);
  context_.worker.prebuilt.set_date(fixed_date);
}

LoneWorker::~LoneWorker() {
  held_.clear();
  loop_.close();
}

LoneWorker& LoneWorker::get(Mode mode, std::size_t limits, Reading reading) {
  static std::map<std::tuple<Mode, std::size_t, Reading>, LoneWorker> workers;
  limits %= limits_choices;
  const auto worker = workers.try_emplace({mode, limits, reading}, config_of(mode, limits, reading)).first;
  worker->second.make_new();
  return worker->second;
}

void LoneWorker::make_new() {
  held_.clear();
  settle();
  require(context_.worker.sessions.empty(), "every connection has ended");
  require(streams_.running() == 0, "every handler has ended");
  require(context_.burst.output.size() == 0, "no answer is left for the next connection");
  context_.worker.draining = context_.worker.may_end_connections = false;
  if (context_.worker.memo != nullptr) context_.worker.memo = std::make_unique<connection::HeadMemo>();
}

bool LoneWorker::let_respond(By by) {
  if (held_.empty()) return streams_.let_go_on();
  Responder responder = std::move(held_.front());
  held_.pop_front();
  if (by == By::task) loop_.tasks()->disclaim();  // as if on another thread
  responder.send();
  loop_.tasks()->claim();
  return true;
}

void LoneWorker::settle() {
  constexpr int most = 2000;
  int handled = 0;
  while (poll()) require(++handled < most, "without input the server becomes idle");
}

}  // namespace chopin::fuzz
