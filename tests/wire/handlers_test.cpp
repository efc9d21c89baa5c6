#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/posts.hpp"

namespace chopin::test {
namespace {

TEST(Handler, learns_its_peer_and_believes_trusted_proxies_alone) {
  for (const bool is_trusted : {false, true}) {
    Router router;
    router.get("/", [](const Request& request, chopin::Response& response) {
      response.text(request.peer().text());
    });
    router.get("/later", [](const Request& request, chopin::Response& response) -> Task<> {
      co_await sleep_for(std::chrono::milliseconds(1));
      response.text(request.peer().text());
    });
    Config config = test_config();
    if (is_trusted) config.trusted_proxies = {"127.0.0.0/8"};
    const LiveServer server(config, std::move(router));
    for (const char* path : {"/", "/later"}) {
      EXPECT_TRUE(ask(server.port(), get(path)).body.starts_with("127.0.0.1:"));  // the client's own port
      for (const char* field : {"X-Forwarded-For: 203.0.113.9\r\n", "Forwarded: for=203.0.113.9\r\n"}) {
        EXPECT_EQ(ask(server.port(), get(path, field)).body.starts_with("203.0.113.9"), is_trusted)
            << path << field;
      }
    }
  }
}

TEST(Handler, learns_the_version_of_the_request) {
  Router router;
  router.get("/", [](const Request& request, chopin::Response& response) {
    response.text(request.is_http_1_1() ? "1.1" : "1.0");
  });
  LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/")).body, "1.1");
  EXPECT_EQ(ask(server.port(), "GET / HTTP/1.3\r\nHost: h\r\n\r\n").body, "1.1");
  EXPECT_EQ(ask(server.port(), "GET / HTTP/1.0\r\n\r\n").body, "1.0");
}

TEST(Handler, sets_cookies_and_reads_forms) {
  Router router;
  router.post("/", [](const Request& request, chopin::Response& response) {
    std::uint64_t page = 1;
    std::string name;
    request.query_parameters().optional("page", page).check();
    request.form().required("name", name).check();
    response.cookie({.name = "first", .value = "1"}).cookie({.name = "second", .value = "2"});
    response.text(name + ' ' + std::to_string(page) + ' ' + std::string(request.cookie("user").value_or("")));
  });
  LiveServer server(test_config(), std::move(router));
  const std::string type = "Content-Type: application/x-www-form-urlencoded\r\nCookie: user=anna\r\n";
  const auto response = ask(server.port(), post_body("/?page=2", "name=J%C3%B6rg+x", type));
  EXPECT_EQ(response.body, "J\xc3\xb6rg x 2 anna");
  EXPECT_NE(response.head.find("\r\nSet-Cookie: first=1; "), std::string::npos);
  EXPECT_NE(response.head.find("\r\nSet-Cookie: second=2; "), std::string::npos);
  const auto refused = ask(server.port(), post_body("/?page=x", "name=a", type));
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find(R"("page":"must be an unsigned integer of 64 bits")"), std::string::npos);
  EXPECT_EQ(ask(server.port(), post_body("/", "name=a")).status, 415);
}

TEST(Json, of_any_media_type_is_for_routes_that_take_it) {
  Router router;
  const auto spell = [](const Request& request, chopin::Response& response) {
    std::string name;
    request.json().required("name", name).check();
    response.text(name);
  };
  router.post("/strict", spell).post("/lax", spell, {.json_of_any_type = true});
  router.route(Method::post, "/later",
               [spell](Responder responder) {
                 spell(responder.request(), responder.response());
                 responder.send();
               },
               {.json_of_any_type = true});
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  const auto status_of = [&client](const std::string& path, const std::string& fields) {
    client.send(post_body(path, R"({"name":"lamp"})", fields));
    return client.read_response().status;
  };
  EXPECT_EQ(status_of("/strict", "Content-Type: application/json\r\n"), 200);
  EXPECT_EQ(status_of("/strict", "Content-Type: text/plain\r\n"), 415);
  EXPECT_EQ(status_of("/strict", ""), 415);
  EXPECT_EQ(status_of("/lax", "Content-Type: text/plain\r\n"), 200);
  EXPECT_EQ(status_of("/lax", ""), 200);
  EXPECT_EQ(status_of("/later", ""), 200);
  EXPECT_EQ(status_of("/lax", "Content-Encoding: gzip\r\n"), 415);
}

TEST(Handlers, may_use_every_status_and_the_next_response_is_still_framed) {
  Router router;
  router.get("/{status}", [](const Request& request, chopin::Response& response) {
    response.status(static_cast<std::uint16_t>(std::stoi(std::string(request.param("status"))))).text("body");
  });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  for (int status = 200; status < 600; ++status) {
    const bool is_bodiless = status == 204 || status == 304;
    client.send(get("/" + std::to_string(status)));
    const Response response = client.read_response(is_bodiless);
    ASSERT_EQ(response.status, status);
    EXPECT_EQ(response.field("Content-Length"), is_bodiless ? "" : status == 205 ? "0" : "4") << status;
  }
}

TEST(Handlers, never_see_the_body_of_a_get_request) {
  Router router;
  router.get("/", [](const Request& request, chopin::Response& response) { response.text(request.body()); });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" + get("/"));
  EXPECT_EQ(client.read_response().body, "");
  EXPECT_EQ(client.read_response().body, "");
}

}  // namespace
}  // namespace chopin::test
