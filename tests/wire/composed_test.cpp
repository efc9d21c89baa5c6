#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

Config composed() {
  Config config = test_config();
  config.fast_routes = ResponseClass::composed;
  return config;
}

TEST(Composed, responses_are_the_prebuilt_bytes) {
  LiveServer prebuilt;
  LiveServer composing(composed());
  for (const char* path : {"/json", "/plaintext", "/json?x=1", "/%6Ason", "/nowhere"}) {
    for (const char* method : {"GET", "HEAD", "POST"}) {
      for (const char* end :
           {" HTTP/1.1\r\nHost: h\r\n\r\n", " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            " HTTP/1.0\r\n\r\n", " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}) {
        const std::string line = std::string(method) + " " + path + end;
        const std::string last = closing(std::string(method) + " " + path + " HTTP/1.1");
        const std::string expected = without_dates(exchange(prebuilt.port(), line + last));
        EXPECT_EQ(without_dates(exchange(composing.port(), line + last)), expected) << line;
        EXPECT_NE(expected.find("Connection: close"), std::string::npos) << line;
      }
    }
  }
}

TEST(Composed, decorated_routes_are_the_prebuilt_bytes) {
  const auto routes = [] {
    Router router;
    router.fast(FastRoute::html("/page", "<p>").cors().cache_control("no-store").header("X-A", "b"));
    router.fast(FastRoute::raw("/post", "x", "a/b").methods({Method::post}));
    return router;
  };
  LiveServer prebuilt(test_config(), routes());
  LiveServer composing(composed(), routes());
  for (const char* line : {"GET /page HTTP/1.1", "HEAD /page HTTP/1.1", "GET /./page HTTP/1.1",
                           "POST /post HTTP/1.1", "GET /post HTTP/1.1"}) {
    EXPECT_EQ(without_dates(exchange(composing.port(), closing(line))),
              without_dates(exchange(prebuilt.port(), closing(line))))
        << line;
  }
}

TEST(Composed, bodies_are_written_for_every_request_and_a_writer_may_throw) {
  int writes = 0;  // the first is when the route is added
  Router router;
  router.fast(FastRoute::json("/count", [&writes](JsonWriter& out) {
    if (++writes == 4) throw std::runtime_error("inner matter");
    out.value(writes);
  }));
  LiveServer server(composed(), std::move(router));
  RawClient client(server.port());
  for (const char* body : {"2", "3",
                           R"({"success":false,"error":{"code":"INTERNAL_ERROR",)"
                           R"("message":"internal error"}})",
                           "5", "6"}) {
    client.send("GET /count HTTP/1.1\r\nHost: h\r\n\r\n");
    const Response response = client.read_response();
    EXPECT_EQ(response.status, body[0] == '{' ? 500 : 200);
    EXPECT_EQ(response.body, body);
  }
}

}  // namespace
}  // namespace chopin::test
