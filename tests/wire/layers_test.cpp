#include <string>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/modes.hpp"
#include "wire/posts.hpp"

namespace chopin::test {
namespace {

// ---- Fields that the middleware adds. ----

TEST(Layers, every_response_of_the_router_may_be_read_by_any_origin) {
  for (const Mode mode : {Mode::performance, Mode::standard}) {
    LiveServer server(in_mode(mode));
    RawClient client(server.port());
    client.send(get("/") + post_body("/echo", "x") +
                post_body("/echo", "x", "Content-Type: application/json\r\n") + get("/nowhere") +
                post_body("/json", "x") + "OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n" + get("/json"));
    for (const int status : {200, 200, 400, 404, 405}) {
      const Response response = client.read_response();
      EXPECT_EQ(response.status, status);
      EXPECT_EQ(response.field("Access-Control-Allow-Origin"), "*") << status;
      EXPECT_EQ(response.field("Access-Control-Max-Age"), "") << status;
    }
    const Response preflight = client.read_response();
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.field("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(preflight.field("Access-Control-Allow-Methods"),
              "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
    EXPECT_EQ(preflight.field("Access-Control-Allow-Headers"), "Content-Type, Authorization");
    EXPECT_EQ(preflight.field("Access-Control-Max-Age"), "86400");
    EXPECT_EQ(client.read_response().field("Access-Control-Allow-Origin"), mode == Mode::standard ? "*" : "");
  }
}

TEST(Layers, request_ids_exist_only_in_development) {
  for (const Environment environment :
       {Environment::development, Environment::production, Environment::test}) {
    Config config = in_mode(Mode::standard);
    config.environment = environment;
    LiveServer server(config);
    RawClient client(server.port());
    const auto id = [&](const std::string& sent) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n" + (sent.empty() ? "" : "X-Request-Id: " + sent + "\r\n") +
                  "\r\n");
      return client.read_response().field("X-Request-Id");
    };
    if (environment != Environment::development) {
      EXPECT_EQ(id("mine"), "") << to_string(environment);
      continue;
    }
    EXPECT_EQ(id("mine-1._Z"), "mine-1._Z");
    EXPECT_EQ(id(std::string(128, 'x')), std::string(128, 'x'));
    const std::string made = id("");
    EXPECT_EQ(made.size(), 32U) << made;
    for (const std::string& insane : {std::string("a b"), std::string("x\"y"), std::string("x\xC3\xA9"),
                                      std::string(129, 'x'), std::string("a,b")}) {
      const std::string other = id(insane);
      EXPECT_EQ(other.size(), 32U) << other;
      EXPECT_NE(other, made);
    }
    client.send(get("/nowhere"));
    EXPECT_EQ(client.read_response().field("X-Request-Id").size(), 32U);
  }
}

}  // namespace
}  // namespace chopin::test
