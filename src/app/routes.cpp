#include "app/routes.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "app/item_routes.hpp"
#include "app/middleware.hpp"
#include "app/note_routes.hpp"
#include "app/random_worlds.hpp"
#include "app/schema.hpp"
#include "app/user_routes.hpp"
#include "app/world_routes.hpp"
#include "chopin/database.hpp"
#include "chopin/json_later.hpp"
#include "chopin/password.hpp"
#include "chopin/token.hpp"
#include "http/media_type.hpp"
#include "json/grammar.hpp"
#include "system/memory.hpp"
#include "text/characters.hpp"

namespace chopin::app {
namespace {

void hello(JsonWriter& out) {
  out.begin_object().member("message", "Hello, World!").end_object();
}

/// If fast routes are prebuilt, this body is written once too: it never changes.
Handler welcome(Mode mode, ResponseClass response_class) {
  const auto write = [mode, response_class](JsonWriter out) {
    out.begin_object()
        .member("name", "chopin")
        .member("version", CHOPIN_VERSION)
        .member("mode", to_string(mode))
        .member("class", to_string(response_class))
        .member("docs", CHOPIN_DOCS_URL)
        .end_object();
  };
  if (response_class == ResponseClass::composed) {
    return [write](const Request&, Response& response) { write(response.json()); };
  }
  ByteBuffer written;
  write(JsonWriter(written));
  return [body = std::string(written.bytes())](const Request&, Response& response) {
    response.body("application/json", body);
  };
}

/// Throws HttpError 415 for compressed JSON, which cannot be checked.
bool is_json_to_check(const Request& request, std::string_view content_type) {
  if (content_type.empty() || !http::is_json(content_type)) return false;
  http::refuse_content_coding(request.fields());
  return true;
}

/// Inlined, because of an echo of a few bytes it is a good part: a call would cost 24 instructions.
[[gnu::always_inline]] inline void send_echo(const Request& request, Response& response,
                                             std::string_view content_type) {
  if (content_type.empty()) content_type = "application/octet-stream";  // RFC 9110 section 8.3
  if (auto body = request.shared_body()) {
    response.body(content_type, std::move(body));
  } else {
    response.body(content_type, request.body());
  }
  static const FieldLine no_sniffing("X-Content-Type-Options", "nosniff");
  response.field(no_sniffing);  // or a browser may take a stranger's text for a page
  for (const auto& [name, value] : request.fields()) {
    if (text::equals_ignoring_case(name, "Content-Encoding")) response.field("Content-Encoding", value);
  }
}

void echo(const Request& request, Response& response) {
  const std::string_view content_type = request.field("Content-Type");
  if (is_json_to_check(request, content_type)) json::require_json(JsonObject::validate(request.body()));
  send_echo(request, response, content_type);
}

Task<> echo_large(const Request& request, Response& response) {
  const std::string_view content_type = request.field("Content-Type");
  if (is_json_to_check(request, content_type)) co_await check_json_later(request);
  send_echo(request, response, content_type);
}

bool has_database(const Config& config) {
  return config.database.url != "none";
}

/// A database in memory gets half of what the process may hold, but at least what its first rows need.
DatabaseConfig database_of(const Config& config) {
  constexpr std::uint64_t least = std::uint64_t{12} * 1024 * 1024;
  DatabaseConfig database = config.database;
  if (database.max_in_memory == 0) {
    database.max_in_memory = std::max(system::max_memory_of(config) / 2, least);
  }
  return database;
}

/// Hashing takes a quarter of what the process may hold, or the memory of one hash.
PasswordOptions passwords_of(const Config& config) {
  PasswordOptions options;
  const std::uint64_t most = system::max_memory_of(config) / 4 / options.memory;
  options.threads = std::clamp<std::uint64_t>(most, 1, PasswordOptions::usual_threads());
  return options;
}

void add_database(Router& router, const Config& config) {
  if (!has_database(config)) return;
  router.per_worker<Database>(Database::maker(database_of(config), schema()));
  router.per_worker<RandomWorlds>([](const WorkerScope&) { return std::make_unique<RandomWorlds>(); });
  add_world_routes(router);
  add_item_routes(router);
  add_note_routes(add_user_routes(router, config, passwords_of(config)));
}

}  // namespace

std::vector<std::string> start_warnings(const Config& config) {
  if (!has_database(config)) return {};
  ConfiguredTokenKeys tokens = token_keys(config);
  if (tokens.keys && system::max_memory_of(config) / 2 < PasswordOptions().memory) {
    tokens.warnings.emplace_back("hashing a password needs 19 MiB, more than half of --max-memory");
  }
  return std::move(tokens.warnings);
}

Router benchmark_server(const Config& config) {
  Router router;
  for (Middleware& layer : middleware(config.environment)) router.use(std::move(layer));
  router.fast(FastRoute::json("/json", hello));
  router.fast(FastRoute::text("/plaintext", "Hello, World!"));
  router.get("/", welcome(config.mode, config.response_class()));
  router.post("/echo", RouteHandler(echo).for_large_bodies(echo_large));
  add_database(router, config);
  router.document({.title = "Chopin",
                   .version = CHOPIN_VERSION,
                   .description = "The routes of the benchmark server, see " CHOPIN_DOCS_URL "."});
  return router;
}

}  // namespace chopin::app
