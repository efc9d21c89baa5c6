#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/modes.hpp"
#include "wire/posts.hpp"

namespace chopin::test {
namespace {

TEST(Paths, spelled_differently_reach_fast_routes_with_the_same_bytes) {
  for (const Mode mode : {Mode::performance, Mode::standard}) {
    LiveServer server(in_mode(mode));
    const auto response_to = [&](const std::string& line) {
      return without_dates(exchange(server.port(), closing(line)));
    };
    const std::string plain = response_to("GET /json HTTP/1.1");
    for (const char* path : {"/%6Ason", "/%6aso%6e", "/./json", "/x/../json", "/a/b/../../json", "/%2E/json",
                             "/x/%2e%2E/json", "/./././json?x", "http://h/%6ason", "/x/.%2e/json"}) {
      EXPECT_EQ(response_to(std::string("GET ") + path + " HTTP/1.1"), plain) << path;
    }
    EXPECT_EQ(response_to("HEAD /%6Ason HTTP/1.1"), response_to("HEAD /json HTTP/1.1"));
    EXPECT_EQ(response_to("GET /%6Ason HTTP/1.0"), response_to("GET /json HTTP/1.0"));
    EXPECT_EQ(response_to("POST /%6Ason HTTP/1.1"), response_to("POST /json HTTP/1.1"));
  }
}

TEST(Paths, that_are_ambiguous_get_400_and_close) {
  LiveServer server;
  for (const char* path : {"/%", "/%4", "/%zz", "/json%", "/%00", "/a%2Fb", "/a%5Cb", "/%0D%0A", "/%7F",
                           "/%FF", "/%C0%AF", "/..", "/x/../../json", "/%2e%2e/json", "/./../json"}) {
    const std::string bytes = exchange(server.port(), get(path) + get("/json"));
    EXPECT_EQ(statuses_of(bytes), std::vector<int>{400}) << path;
    EXPECT_NE(bytes.find("BAD_REQUEST"), std::string::npos) << bytes;
    const std::string with_body = exchange(server.port(), post_body(path, "body") + get("/json"));
    EXPECT_EQ(statuses_of(with_body), std::vector<int>{400}) << path;
  }
  const std::string head = exchange(server.port(), "HEAD /%00 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST(Paths, give_their_parameters_decoded) {
  Router router;
  const auto spell = [](const Request& request, chopin::Response& response) {
    std::string text;
    for (const auto& [name, value] : request.params()) {
      text.append(name).append("=[").append(value).append("] ");
    }
    response.text(text);
  };
  router.get("/users/{id}", spell);
  router.get("/users/me", [](const Request&, chopin::Response& response) { response.text("me"); });
  router.get("/users/{user}/posts/{post}", spell);
  router.get("/files/{path...}", spell);
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  for (const auto& [path, text] : std::vector<std::pair<std::string, std::string>>{
           {"/users/7", "id=[7] "},
           {"/users/me", "me"},
           {"/users/%6De", "me"},
           {"/users/a%20b%3F%25", "id=[a b?%] "},
           {"/users/x?id=y", "id=[x] "},
           {"/users/me/posts/9", "user=[me] post=[9] "},
           {"/files/", "path=[] "},
           {"/files/a/b%23c", "path=[a/b#c] "},
           {"/files/a/./b/../c/", "path=[a/c/] "},
           {"/files/{path...}", "path=[{path...}] "},
       }) {
    client.send(get(path));
    EXPECT_EQ(client.read_response().body, text) << path;
  }
  for (const char* path :
       {"/users/", "/users//posts/1", "/users/a/posts/", "/users/a/b", "/users", "//users/7"}) {
    client.send(get(path));
    EXPECT_EQ(client.read_response().status, 404) << path;
  }
}

TEST(Paths, may_have_encoded_slashes_in_the_parameters_of_routes_that_take_them) {
  Router router;
  const auto spell = [](const Request& request, chopin::Response& response) {
    response.text(std::string(request.param("id")) + " of " + std::string(request.path()) + " got " +
                  std::string(request.body()));
  };
  router.group("/items")
      .get("/{id}", spell, {.encoded_slashes = true})
      .put("/{id}", spell, {.encoded_slashes = true});
  router.get("/items/{id...}", spell);
  router.post("/items/{id}", spell);
  router.route(Method::get, "/later/{id}",
               [](Responder responder) {
                 responder.response().text(responder.request().param("id"));
                 responder.send();
               },
               {.encoded_slashes = true});
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  const auto body_of = [&client](const std::string& request) {
    client.send(request);
    return client.read_response().body;
  };
  EXPECT_EQ(body_of(get("/items/@scope%2Fname")), "@scope/name of /items/@scope/name got ");
  EXPECT_EQ(body_of(get("/items/a%5cb?c=%2F")), "a\\b of /items/a\\b got ");
  EXPECT_EQ(body_of(get("/items/7")), "7 of /items/7 got ");
  EXPECT_EQ(body_of(get("/later/a%2fb")), "a/b");
  const std::string put = "PUT /items/a%2fb HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n";
  EXPECT_EQ(body_of(put + "body"), "a/b of /items/a/b got body");
  client.send(put + "bo");
  EXPECT_EQ(body_of("dy"), "a/b of /items/a/b got body");
  client.send("OPTIONS /items/a%2fb HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read_response().field("Allow"), "GET, HEAD, PUT, OPTIONS");
  client.send(post_body("/items/a%2fb", "body"));
  EXPECT_EQ(client.read_response().status, 405);
  for (const char* path : {"/items/a%2fb/c", "/items%2f7", "/other/a%2fb", "/items/%2f%00"}) {
    EXPECT_EQ(statuses_of(exchange(server.port(), get(path) + get("/items/7"))), std::vector<int>{400})
        << path;
  }
}

TEST(Paths, of_absolute_targets_give_handlers_their_host) {
  Router router;
  router.get(
      "/", [](const Request& request, chopin::Response& response) { response.text(request.field("Host")); });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {  // the second is a head that was read before
    client.send("GET http://a.example:81 HTTP/1.1\r\nHost: b.example\r\n\r\n");
    EXPECT_EQ(client.read_response().body, "a.example:81");
  }
  client.send("GET / HTTP/1.7\r\nHost: b.example\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "b.example");
  client.send("GET http://[::1]/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "[::1]");
}

}  // namespace
}  // namespace chopin::test
