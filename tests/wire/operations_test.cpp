#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "chopin/operation.hpp"
#include "chopin/server.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using HttpRequest = chopin::Request;
using HttpResponse = chopin::Response;

enum class Shade { light, dark };

constexpr auto json_names(Shade /*shade*/) {
  return std::to_array<EnumName<Shade>>({{Shade::light, "light"}, {Shade::dark, "dark"}});
}

struct Paint {
  std::string name;
  Shade shade = Shade::light;
  std::optional<int> litres;

  static constexpr auto json_members =
      members(member("name", &Paint::name).length(1, 20), member("shade", &Paint::shade).or_default(),
              member("litres", &Paint::litres).range(1, 9));
};

struct Place {
  std::uint8_t shelf = 0;
  Shade shade = Shade::light;

  static constexpr auto json_members =
      members(member("shelf", &Place::shelf), member("shade", &Place::shade));
};

struct Page {
  int limit = 10;
  std::vector<std::string> words;

  static constexpr auto json_members = members(member("limit", &Page::limit).range(1, 50).or_default(),
                                               member("words", &Page::words).or_default());
};

struct Malformed {
  std::string name;

  static constexpr auto json_members = members(member("name", &Malformed::name).pattern("("));
};

/// How often a worker has been asked.
struct Count {
  int value = 0;
};

std::string post(std::string_view target, std::string_view body, std::string_view type = "application/json") {
  return fmt::format("POST {} HTTP/1.1\r\nHost: h\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
                     target, type, body.size(), body);
}

Response ask_one(Router router, const std::string& request, Environment environment = Environment::test) {
  Config config = test_config();
  config.environment = environment;
  LiveServer server(config, std::move(router));
  return ask(server.port(), request);
}

Router paints(RouteHandler handler) {
  Router router;
  router.post("/paints", std::move(handler));
  return router;
}

TEST(Operations, give_their_handler_the_body_and_send_what_it_returns) {
  const auto handler = operation([](Body<Paint> paint) { return *paint; }, {.summary = "Echoes a paint."});
  const Response response = ask_one(paints(handler), post("/paints", R"({"name":"red","litres":2})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"success":true,"data":{"name":"red","shade":"light","litres":2}})");
}

TEST(Operations, refuse_a_body_before_their_handler_is_called) {
  bool is_called = false;
  const auto handler = operation(
      [&is_called](Body<Paint> paint) {
        is_called = true;
        return *paint;
      },
      {});
  const Response response =
      ask_one(paints(handler), post("/paints", R"({"name":"","litres":10,"lid":true})"));
  EXPECT_EQ(response.status, 422);
  for (const std::string_view pointer : {"/name", "/litres", "/lid"}) {
    EXPECT_NE(response.body.find(fmt::format(R"("{}":")", pointer)), std::string::npos) << response.body;
  }
  EXPECT_EQ(ask_one(paints(handler), post("/paints", "{")).status, 400);
  EXPECT_EQ(ask_one(paints(handler), post("/paints", "{}", "text/plain")).status, 415);
  EXPECT_FALSE(is_called);
}

TEST(Operations, read_the_path_into_a_struct) {
  const auto routed = [] {
    Router router;
    router.get("/shelves/{shelf}/{shade}", operation([](Path<Place> place) { return *place; }, {}));
    return router;
  };
  EXPECT_EQ(ask_one(routed(), get("/shelves/7/dark")).body,
            R"({"success":true,"data":{"shelf":7,"shade":"dark"}})");
  const Response missing = ask_one(routed(), get("/shelves/256/dark"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_NE(missing.body.find(R"("shelf":"must be an integer from 0 to 255")"), std::string::npos)
      << missing.body;
  EXPECT_EQ(ask_one(routed(), get("/shelves/7/grey")).status, 404);
}

TEST(Operations, read_the_only_parameter_of_a_path_into_a_scalar) {
  const auto routed = [] {
    Router router;
    router.get("/days/{day}", operation(
                                  [](Path<std::chrono::year_month_day> day) {
                                    return std::vector<std::string>{day->ok() ? "a day" : "no day"};
                                  },
                                  {.in_envelope = false}));
    return router;
  };
  EXPECT_EQ(ask_one(routed(), get("/days/2024-02-29")).body, R"(["a day"])");
  EXPECT_EQ(ask_one(routed(), get("/days/2023-02-29")).status, 404);
}

TEST(Operations, read_the_query_into_a_struct) {
  const auto routed = [] {
    Router router;
    router.get("/pages", operation([](Query<Page> page) { return *page; }, {.in_envelope = false}));
    return router;
  };
  EXPECT_EQ(ask_one(routed(), get("/pages")).body, R"({"limit":10,"words":[]})");
  EXPECT_EQ(ask_one(routed(), get("/pages?limit=7&words=a&words=b")).body,
            R"({"limit":7,"words":["a","b"]})");
  EXPECT_EQ(ask_one(routed(), get("/pages?limit=51")).status, 422);
  EXPECT_EQ(ask_one(routed(), get("/pages?offset=1")).status, 422);
}

TEST(Operations, read_a_form_into_a_struct) {
  const auto handler = operation([](FormBody<Paint> paint) { return *paint; }, {});
  EXPECT_EQ(
      ask_one(paints(handler), post("/paints", "name=a+b&shade=dark", "application/x-www-form-urlencoded"))
          .body,
      R"({"success":true,"data":{"name":"a b","shade":"dark","litres":null}})");
  EXPECT_EQ(ask_one(paints(handler), post("/paints", R"({"name":"red"})")).status, 415);
}

TEST(Operations, send_the_status_and_the_fields_that_a_result_has) {
  const auto created = operation(
      [](Body<Paint> paint) {
        return Created<Paint>{std::move(*paint)}.field("Location", "/paints/1").field("ETag", "\"1\"");
      },
      {});
  const Response response = ask_one(paints(created), post("/paints", R"({"name":"red"})"));
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.field("Location"), "/paints/1");
  EXPECT_EQ(response.field("ETag"), "\"1\"");
  const Response none = ask_one(paints(operation([] { return NoContent(); }, {})), post("/paints", ""));
  EXPECT_EQ(none.status, 204);
  EXPECT_EQ(none.body, "");
}

TEST(Operations, may_return_one_of_several_results) {
  using Result = std::variant<Ok<Paint>, NotModified, HttpError>;
  const auto routed = [] {
    Router router;
    router.get("/paints", operation(
                              [](const HttpRequest& request) -> Result {
                                if (request.query() == "same") return NotModified();
                                if (request.query() == "none") return HttpError(404, "there is none");
                                return Ok<Paint>{{.name = "red", .litres = std::nullopt}};
                              },
                              {.errors = {{404, "There is no paint."}}}));
    return router;
  };
  EXPECT_EQ(ask_one(routed(), get("/paints")).status, 200);
  EXPECT_EQ(ask_one(routed(), get("/paints?none")).status, 404);
  LiveServer server(test_config(), routed());
  RawClient client(server.port());
  client.send(get("/paints?same"));
  EXPECT_EQ(client.read_response(true).status, 304);
}

TEST(Operations, may_be_coroutines_that_keep_what_they_were_given) {
  const auto handler = operation(
      [](Body<Paint> paint, const HttpRequest& request) -> Task<Ok<Paint>> {
        co_await sleep_for(2ms);
        paint->name += request.query();
        co_return Ok<Paint>{std::move(*paint)};
      },
      {});
  EXPECT_EQ(
      ask_one(paints(handler), post("/paints?!", R"({"name":"a name too long for a small string"})")).status,
      422);
  EXPECT_EQ(
      ask_one(paints(handler), post("/paints?!", R"({"name":"a name of 20 letters"})")).body,
      R"({"success":false,"error":{"code":"INTERNAL_ERROR","message":"POST /paints: the response is not as )"
      R"(declared: the body is not what it should be; /data/name must be a string of 1 to 20 characters"}})");
  EXPECT_EQ(ask_one(paints(handler), post("/paints?!", R"({"name":"red"})")).body,
            R"({"success":true,"data":{"name":"red!","shade":"light","litres":null}})");
}

TEST(Operations, take_the_services_of_their_worker) {
  Router router;
  router.per_worker<Count>([](const WorkerScope&) { return std::make_unique<Count>(); });
  router.get("/count", operation([](Count& count,
                                    HttpResponse& response) { response.text(std::to_string(++count.value)); },
                                 {.summary = "Counts."}));
  LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/count")).body, "1");
  EXPECT_EQ(ask(server.port(), get("/count")).body, "2");
}

TEST(Operations, are_refused_if_the_router_lacks_their_service) {
  Router router;
  router.get("/count", operation([](Count& /*count*/) { return NoContent(); }, {}));
  try {
    const Server server(test_config(), std::move(router));
    FAIL() << "the server has been made";
  } catch (const std::invalid_argument& error) {
    const std::string fault = error.what();
    EXPECT_TRUE(fault.starts_with("route 'GET /count': its handler takes a ")) << fault;
    EXPECT_TRUE(fault.ends_with("Count&, but the router has no such service: see Router::per_worker"))
        << fault;
  }
}

/// A kind of argument that the application makes itself.
struct Language {
  std::string name;

  static Language from(const HttpRequest& request) {
    if (request.field("Accept-Language").empty()) throw HttpError(406, "which language?");
    return {std::string(request.field("Accept-Language"))};
  }
  static void declare(Declaration& declaration) {
    declaration.errors.push_back({406, "The language is missing."});
  }
};

TEST(Operations, take_arguments_of_the_applications_own_kind) {
  const auto routed = [] {
    Router router;
    router.get("/", operation([](Language language) { return std::vector{language.name}; }, {}));
    return router;
  };
  EXPECT_EQ(ask_one(routed(), get("/", "Accept-Language: da\r\n")).body, R"({"success":true,"data":["da"]})");
  EXPECT_EQ(ask_one(routed(), get("/")).status, 406);
}

TEST(Operations, are_refused_if_they_do_not_fit_their_path) {
  const auto fault_of = [](std::string_view pattern, RouteHandler handler) -> std::string {
    Router router;
    try {
      router.get(std::string(pattern), std::move(handler));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "none";
  };
  const auto with_place = operation([](Path<Place> place) { return *place; }, {});
  EXPECT_EQ(fault_of("/{shelf}/{shade}", with_place), "none");
  EXPECT_EQ(fault_of("/{shelf}", with_place),
            "route 'GET /{shelf}': its handler takes 'shade', which is not in the path");
  EXPECT_EQ(fault_of("/{shelf}/{shade}/{id}", with_place),
            "route 'GET /{shelf}/{shade}/{id}': its handler does not take 'id' of the path");
  const auto with_number = operation([](Path<int> /*number*/) { return NoContent(); }, {});
  EXPECT_EQ(fault_of("/a", with_number),
            "route 'GET /a': its handler takes one parameter of the path, which has 0");
  EXPECT_THROW(operation([](Body<Malformed>) { return NoContent(); }, {}), std::invalid_argument);
  EXPECT_THROW(operation([](Body<Paint>, FormBody<Paint>) { return NoContent(); }, {}),
               std::invalid_argument);
}

TEST(Operations, are_compared_with_what_they_send_in_tests) {
  const auto handler = [] {
    return operation(
        [](const HttpRequest& request) -> Ok<Paint> {
          if (request.query() == "none") throw HttpError(404, "there is none");
          if (request.query() == "odd") return {{.name = "red", .litres = 10}};
          return {{.name = "red", .litres = std::nullopt}};
        },
        {});
  };
  const auto routed = [&handler] {
    Router router;
    router.get("/", handler());
    return router;
  };
  EXPECT_EQ(ask_one(routed(), get("/")).status, 200);
  const Response undeclared = ask_one(routed(), get("/?none"));
  EXPECT_EQ(undeclared.status, 500);
  EXPECT_NE(
      undeclared.body.find("GET /: the response is not as declared: it does not declare the status 404: "
                           "add it to `.errors`"),
      std::string::npos)
      << undeclared.body;
  EXPECT_EQ(ask_one(routed(), get("/?odd")).status, 500);
  EXPECT_EQ(ask_one(routed(), get("/?none"), Environment::production).status, 404);
  EXPECT_EQ(ask_one(routed(), get("/?odd"), Environment::development).status, 200);
}

TEST(Operations, may_fail_as_the_layers_around_them_declare) {
  Middleware guard{.name = "guard", .reason = "", .before = [](HttpRequest&, HttpResponse&) {
                     return Verdict::fail(403, "no");
                   }};
  const auto status_with = [](Middleware layer) {
    Router router;
    router.group("", {std::move(layer)}).get("/", operation([] { return NoContent(); }, {}));
    return ask_one(std::move(router), get("/")).status;
  };
  EXPECT_EQ(status_with(guard), 500);
  guard.errors = {{403, "Not you."}};
  EXPECT_EQ(status_with(guard), 403);
}

}  // namespace
}  // namespace chopin::test
