#include "chopin/middleware.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "routing/site.hpp"

namespace chopin {
namespace {

using routing::error_text;
using routing::field_of;
using routing::Site;

using Before = std::function<Verdict(Request&, Response&)>;
using After = std::function<void(const Request&, Response&)>;

Middleware layer(Before before, After after = {}) {
  return {.name = "", .reason = "", .before = std::move(before), .after = std::move(after)};
}

/// Records calls in order: `before` of layer A as "A", its `after` as "~A" and status, the handler as "!".
class Trace {
 public:
  Middleware layer(
      const std::string& name, Before before = [](Request&, Response&) { return Verdict::next(); }) {
    return chopin::layer(
        [this, name, before](Request& request, Response& response) {
          text_ += name;
          return before(request, response);
        },
        [this, name](const Request&, const Response& response) {
          text_ += "~" + name + std::to_string(response.status());
        });
  }
  Handler handler() {
    return [this](const Request&, Response& response) {
      text_ += '!';
      response.status(201).text("handled");
    };
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

Response response_through(std::vector<Middleware> layers, const Handler& handler) {
  Router router;
  for (Middleware& layer : layers) router.use(std::move(layer));
  router.get("/", handler);
  return Site(std::move(router)).get("/");
}

TEST(Middleware, runs_before_in_order_and_after_in_reverse_order) {
  Trace trace;
  response_through({trace.layer("A"), trace.layer("B"), trace.layer("C")}, trace.handler());
  EXPECT_EQ(trace.text(), "ABC!~C201~B201~A201");
}

TEST(Middleware, may_complete_the_response_itself) {
  Trace trace;
  const Response result = response_through({trace.layer("A"),
                                            trace.layer("B",
                                                        [](Request&, Response& response) {
                                                          response.status(202).text("done");
                                                          return Verdict::done();
                                                        }),
                                            trace.layer("C")},
                                           trace.handler());
  EXPECT_EQ(trace.text(), "AB~B202~A202");
  EXPECT_EQ(result.body(), "done");
}

TEST(Middleware, may_fail_with_an_error_object) {
  Trace trace;
  const Response result = response_through({trace.layer("A"),
                                            trace.layer("B",
                                                        [](Request&, Response& response) {
                                                          response.field("X", "1").text("half");
                                                          return Verdict::fail(401, "who are you?");
                                                        }),
                                            trace.layer("C")},
                                           trace.handler());
  EXPECT_EQ(trace.text(), "AB~B401~A401");
  EXPECT_EQ(result.status(), 401);
  EXPECT_EQ(result.field_lines(), "");
  EXPECT_EQ(result.body(), error_text("UNAUTHORIZED", "who are you?"));
}

TEST(Middleware, that_fails_with_another_status_than_an_errors_gives_a_500) {
  const Response result = response_through(
      {layer([](Request&, Response&) { return Verdict::fail(200, "fine"); })}, Trace().handler());
  EXPECT_EQ(result.status(), 500);
}

TEST(Middleware, that_throws_in_before_gives_an_error_that_its_own_after_sees) {
  Trace trace;
  const auto thrower = [](Request&, Response&) -> Verdict { throw std::runtime_error("a secret"); };
  Response result =
      response_through({trace.layer("A"), trace.layer("B", thrower), trace.layer("C")}, trace.handler());
  EXPECT_EQ(trace.text(), "AB~B500~A500");
  EXPECT_EQ(result.body(), error_text("INTERNAL_ERROR", "internal error"));
  result = response_through({layer([](Request&, Response&) -> Verdict { throw HttpError(403, "no"); })},
                            trace.handler());
  EXPECT_EQ(result.body(), error_text("FORBIDDEN", "no"));
}

TEST(Middleware, that_throws_in_after_gives_an_error_that_the_outer_layers_see) {
  for (const bool is_exception : {true, false}) {
    Trace trace;
    const Response result = response_through({trace.layer("A"),
                                              layer({},
                                                    [is_exception](const Request&, Response& response) {
                                                      response.field("X", "1");
                                                      if (is_exception) throw std::runtime_error("a secret");
                                                      throw "no exception";
                                                    }),
                                              trace.layer("B")},
                                             trace.handler());
    EXPECT_EQ(trace.text(), "AB!~B201~A500");
    EXPECT_EQ(result.status(), 500);
    EXPECT_EQ(result.field_lines(), "");
    EXPECT_EQ(result.body(), error_text("INTERNAL_ERROR", "internal error"));
  }
}

TEST(HttpError, brings_its_own_fields_and_an_illegal_one_is_a_500) {
  const auto error_with = [](const char* name) {
    return response_through(
        {}, [name](const Request&, Response&) { throw HttpError(503, "later").add_field(name, "120"); });
  };
  EXPECT_EQ(error_with("Retry-After").status(), 503);
  EXPECT_EQ(error_with("Retry-After").field_lines(), "Retry-After: 120\r\n");
  EXPECT_EQ(error_with("Retry After").status(), 500);
}

TEST(Middleware, sees_the_error_of_a_handler_that_throws) {
  Trace trace;
  response_through({trace.layer("A")}, [](const Request&, Response&) { throw HttpError(409, "taken"); });
  EXPECT_EQ(trace.text(), "A~A409");
}

TEST(Middleware, may_lack_before_or_after) {
  const Response result = response_through(
      {layer({}), layer({}, [](const Request&, Response& response) { response.field("X", "1"); }),
       layer([](Request&, Response&) { return Verdict::next(); })},
      [](const Request&, Response& response) { response.text("handled"); });
  EXPECT_EQ(result.body(), "handled");
  EXPECT_EQ(result.field_lines(), "X: 1\r\n");
}

TEST(Middleware, can_leave_a_note_for_the_handler) {
  const Response result = response_through(
      {layer([](Request& request, Response&) {
        request.set_note("user", "anna");
        return Verdict::next();
      })},
      [](const Request& request, Response& response) { response.text(request.note("user")); });
  EXPECT_EQ(result.body(), "anna");
}

TEST(Middleware, runs_for_every_response_except_fast_routes_in_performance_mode) {
  const auto trace_of = [](Mode mode, Method method, std::string_view target) {
    Trace trace;
    Router router;
    router.use(trace.layer("A"))
        .fast(FastRoute::text("/fast", "").cors())
        .route(Method::get, "/later", [](Responder) {});
    Site(std::move(router), mode).respond(method, target);
    return trace.text();
  };
  EXPECT_EQ(trace_of(Mode::standard, Method::get, "/fast"), "A~A200");
  EXPECT_EQ(trace_of(Mode::performance, Method::get, "/fast"), "");
  EXPECT_EQ(trace_of(Mode::performance, Method::options, "/fast"), "");
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    EXPECT_EQ(trace_of(mode, Method::post, "/fast"), "A~A405");
    EXPECT_EQ(trace_of(mode, Method::options, "/later"), "A~A204");
    EXPECT_EQ(trace_of(mode, Method::get, "/later"), "A~A200");
    EXPECT_EQ(trace_of(mode, Method::get, "/unknown"), "A~A404");
    EXPECT_EQ(trace_of(mode, Method::options, "*"), "A~A204");
    EXPECT_EQ(trace_of(mode, Method::connect, "h:1"), "A~A405");
  }
}

Site site_with_cors(Mode mode = Mode::standard) {
  Router router;
  router.use(middleware::cors(""));
  router.fast(FastRoute::text("/fast", "").cors()).post("/fast", [](const Request&, Response&) {});
  router.get("/plain", [](const Request&, Response& response) { response.text("x"); });
  router.get("/own", [](const Request&, Response& response) {
    response.field("access-control-allow-origin", "https://example.com").field("X", "1");
  });
  router.get("/throws", [](const Request&, Response&) { throw std::runtime_error(""); });
  router.route(Method::options, "/options", [](const Request&, Response& response) { response.text("own"); });
  return Site(std::move(router), mode);
}

TEST(Cors, is_on_every_response_exactly_once) {
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    Site site = site_with_cors(mode);
    for (const std::string_view path : {"/fast", "/plain", "/own", "/throws", "/options", "/unknown"}) {
      for (const Method method : implementable_methods) {
        const Response response = site.respond(method, path);
        EXPECT_EQ(field_of(response, "Access-Control-Allow-Origin"), "*") << path << to_string(method);
        EXPECT_EQ(field_of(response, "access-control-allow-origin"), "") << path << to_string(method);
      }
    }
    EXPECT_EQ(site.get("/own").field_lines(), "X: 1\r\nAccess-Control-Allow-Origin: *\r\n");
    EXPECT_EQ(site.get("/plain").field_lines(), "Access-Control-Allow-Origin: *\r\n");
  }
}

TEST(Cors, responds_to_the_preflight_of_every_known_path) {
  Site site = site_with_cors();
  for (const std::string_view path : {"/fast", "/plain"}) {
    const Response response = site.respond(Method::options, path);
    EXPECT_EQ(response.status(), 204) << path;
    EXPECT_EQ(field_of(response, "Allow"),
              path == "/fast" ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, OPTIONS");
    EXPECT_EQ(field_of(response, "Access-Control-Allow-Methods"),
              "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
    EXPECT_EQ(field_of(response, "Access-Control-Allow-Headers"), "Content-Type, Authorization");
    EXPECT_EQ(field_of(response, "Access-Control-Max-Age"), "86400");
  }
}

TEST(Cors, adds_no_preflight_fields_to_other_responses) {
  Site site = site_with_cors();
  for (const auto& [method, path] : {std::pair{Method::get, "/plain"},
                                     {Method::post, "/plain"},
                                     {Method::get, "/fast"},
                                     {Method::options, "/options"},
                                     {Method::options, "/unknown"}}) {
    EXPECT_EQ(site.respond(method, path).field_lines().find("Max-Age"), std::string_view::npos) << path;
  }
}

/// The id on the response to a request with this X-Request-Id.
std::string id_for(std::string_view sent) {
  Router router;
  router.use(middleware::request_id(""));
  router.get("/",
             [](const Request& request, Response& response) { response.text(request.note("request-id")); });
  const std::array<Field, 1> fields{{{"x-request-id", sent}}};
  const Response response = Site(std::move(router)).get("/", fields);
  const std::string id = field_of(response, "X-Request-Id");
  EXPECT_EQ(response.body(), id);
  return id;
}

TEST(RequestId, is_the_clients_if_that_is_safe) {
  for (const std::string& sent :
       {std::string("1"), std::string("a-Z_0.9"), std::string("."), std::string(128, 'x')}) {
    EXPECT_EQ(id_for(sent), sent);
  }
}

TEST(RequestId, is_new_if_the_clients_is_not_safe) {
  for (const std::string& sent :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a,b"), std::string("a/b"),
        std::string("a\tb"), std::string("\""), std::string("{}"), std::string("\xc3\xa9"),
        std::string("a=b"), std::string("a\0b", 3), std::string("[1]"), std::string("a@b"),
        std::string("`")}) {
    const std::string id = id_for(sent);
    EXPECT_EQ(id.size(), 32U) << sent;
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
  }
}

TEST(RequestId, differs_from_request_to_request) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(id_for(""));
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(RequestId, is_on_responses_without_a_handler_and_replaces_a_handlers_own) {
  Router router;
  router.use(middleware::request_id(""));
  router.get("/", [](const Request&, Response& response) { response.field("x-request-id", "mine"); });
  Site site(std::move(router));
  const std::array<Field, 1> fields{{{"X-Request-Id", "client"}}};
  EXPECT_EQ(site.get("/", fields).field_lines(), "X-Request-Id: client\r\n");
  EXPECT_EQ(site.get("/unknown", fields).field_lines(), "X-Request-Id: client\r\n");
}

TEST(RequestLog, leaves_responses_unchanged) {
  Router router;
  router.use(middleware::request_log("")).use(middleware::request_id(""));
  router.get("/", [](const Request&, Response& response) { response.text("x"); });
  Site site(std::move(router));
  EXPECT_EQ(site.get("/").body(), "x");
  EXPECT_EQ(site.get("/unknown").status(), 404);
}

}  // namespace
}  // namespace chopin
