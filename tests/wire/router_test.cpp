#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Config in_mode(Mode mode) {
  Config config = test_config();
  config.mode = mode;
  return config;
}

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
  const auto response = ask(server.port(), post("/?page=2", "name=J%C3%B6rg+x", type));
  EXPECT_EQ(response.body, "J\xc3\xb6rg x 2 anna");
  EXPECT_NE(response.head.find("\r\nSet-Cookie: first=1; "), std::string::npos);
  EXPECT_NE(response.head.find("\r\nSet-Cookie: second=2; "), std::string::npos);
  const auto refused = ask(server.port(), post("/?page=x", "name=a", type));
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find(R"("page":"must be an unsigned integer of 64 bits")"), std::string::npos);
  EXPECT_EQ(ask(server.port(), post("/", "name=a")).status, 415);
}

// ---- GET /. ----

TEST(Welcome, names_no_path_of_the_host) {
  EXPECT_EQ(std::string_view(CHOPIN_DOCS_URL).find("file:"), std::string_view::npos);
}

TEST(Welcome, describes_the_server) {
  for (const auto& [mode, fast_routes, name] :
       {std::tuple{Mode::performance, ResponseClass::prebuilt, R"("mode":"performance","class":"prebuilt")"},
        std::tuple{Mode::performance, ResponseClass::composed, R"("mode":"performance","class":"composed")"},
        std::tuple{Mode::standard, ResponseClass::composed, R"("mode":"standard","class":"composed")"}}) {
    Config config = in_mode(mode);
    config.fast_routes = fast_routes;
    LiveServer server(config);
    const std::string body = std::string(R"({"name":"chopin","version":")") + CHOPIN_VERSION + R"(",)" +
                             name + R"(,"docs":")" + CHOPIN_DOCS_URL + R"("})";
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) +
        "\r\nServer: chopin\r\nAccess-Control-Allow-Origin: *\r\nDate: " + std::string(fixed_date) +
        "\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(without_dates(exchange(server.port(), closing("GET / HTTP/1.1"))), head + body);
    EXPECT_EQ(without_dates(exchange(server.port(), closing("HEAD /?x HTTP/1.1"))), head);
  }
}

// ---- POST /echo. ----

class Echo : public testing::TestWithParam<Mode> {
 protected:
  Echo() : server(in_mode(GetParam())), client(server.port()) {}

  void expect_echo(const std::string& body, const std::string& content_type = "application/octet-stream") {
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Content-Type"), content_type);
    EXPECT_TRUE(response.body == body) << response.body.size() << " bytes instead of " << body.size();
  }

  LiveServer server;
  RawClient client;
};

INSTANTIATE_TEST_SUITE_P(Modes, Echo, testing::Values(Mode::performance, Mode::standard));

std::string every_byte() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST_P(Echo, gives_back_a_body_of_known_length) {
  for (const std::string& body : {std::string("x"), std::string(), every_byte(), std::string("\r\n\r\n")}) {
    client.send(post("/echo", body));
    expect_echo(body);
  }
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  expect_echo("");
}

TEST_P(Echo, gives_back_a_chunked_body_without_its_framing) {
  client.send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\na\r\n005;name=value;quoted=\"a;b\"\r\nbcdef\r\nA\r\n0123456789\r\n0;last\r\nTrailer: x\r\nOther: "
      "y\r\n\r\n");
  expect_echo("abcdef0123456789");
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  expect_echo("");
}

TEST_P(Echo, gives_back_the_same_bytes_wherever_the_request_is_split) {
  const std::string stream =
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: r\r\n\r\n" +
      post("/echo", "hello", "Content-Type: c/d\r\n") + get("/plaintext");
  for (std::size_t split = 1; split < stream.size(); ++split) {
    client.send(stream.substr(0, split));
    std::this_thread::yield();
    client.send(stream.substr(split));
    expect_echo("abcde", "a/b");
    expect_echo("hello", "c/d");
    EXPECT_EQ(client.read_response().body, "Hello, World!");
  }
  for (const char byte : stream) client.send(std::string_view(&byte, 1));
  expect_echo("abcde", "a/b");
  expect_echo("hello", "c/d");
  EXPECT_EQ(client.read_response().body, "Hello, World!");
}

TEST_P(Echo, gives_back_the_content_coding_and_forbids_sniffing) {
  client.send(post("/echo", "\x1f\x8b", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n"));
  const Response compressed = client.read_response();
  EXPECT_EQ(compressed.status, 200);
  EXPECT_EQ(compressed.field("Content-Encoding"), "gzip");
  EXPECT_EQ(compressed.field("X-Content-Type-Options"), "nosniff");
  client.send(post("/echo", "x"));
  EXPECT_EQ(client.read_response().field("Content-Encoding"), "");
}

TEST_P(Echo, takes_no_compressed_json) {
  client.send(post("/echo", "\x1f\x8b", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"));
  const Response response = client.read_response();
  EXPECT_EQ(response.status, 415);
  EXPECT_EQ(response.field("Accept-Encoding"), "identity");
  client.send(post("/echo", "{}", "Content-Type: application/json\r\nContent-Encoding: identity\r\n"));
  EXPECT_EQ(client.read_response().status, 200);
}

TEST_P(Echo, gives_back_bodies_up_to_the_limit) {
  std::string body;
  while (body.size() < Limits{}.max_body) body += every_byte();
  for (const std::size_t size :
       {std::size_t{4095}, std::size_t{4096}, std::size_t{4097}, std::size_t{100'000}, body.size()}) {
    client.send(post("/echo", body.substr(0, size)));
    expect_echo(body.substr(0, size));
  }
  std::string chunked = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size % 7919 + 13) {
    const std::string piece = body.substr(at, size);
    std::ostringstream hex;
    hex << std::hex << piece.size();
    chunked += hex.str() + "\r\n" + piece + "\r\n";
  }
  client.send(chunked + "0\r\n\r\n" + get("/json"));
  expect_echo(body);
  EXPECT_EQ(client.read_response().status, 200);
  client.send(post("/echo", body + "x"));
  EXPECT_EQ(client.read_response().status, 413);
}

TEST_P(Echo, works_between_other_requests) {
  std::string burst;
  for (int i = 0; i < 20; ++i)
    burst += get("/json") + post("/echo", "body " + std::to_string(i)) + get("/plaintext");
  client.send(burst);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.read_response().body, R"({"message":"Hello, World!"})");
    expect_echo("body " + std::to_string(i));
    EXPECT_EQ(client.read_response().body, "Hello, World!");
  }
}

TEST_P(Echo, sends_100_to_a_client_that_waits_for_it) {
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.read_exactly(25), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  expect_echo("body");
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 413) << "and no 100 before it";
}

TEST_P(Echo, serves_http_1_0) {
  client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab");
  expect_echo("ab");
  client.send("POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\ncd");
  expect_echo("cd");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(Echo, gives_back_any_content_type) {
  for (const char* type : {"text/plain; charset=utf-8", "application/JSONP", "x", "image/svg+xml",
                           "a/b;c=\"d e\"", "caf\xC3\xA9/\xFF"}) {
    client.send(post("/echo", "{", std::string("Content-Type:  ") + type + " \r\n"));
    expect_echo("{", type);
  }
}

TEST_P(Echo, refuses_malformed_json_and_keeps_the_connection) {
  for (const char* type : {"application/json", "application/json; charset=utf-8", "Application/JSON ;x=y",
                           "application/problem+json", "application/vnd.x+JSON;v=1"}) {
    const std::string field = std::string("Content-Type: ") + type + "\r\n";
    client.send(post("/echo", R"({"a": 01})", field) + post("/echo", R"({"a":1})", field));
    const Response refused = client.read_response();
    EXPECT_EQ(refused.status, 400) << type;
    EXPECT_EQ(refused.field("Content-Type"), "application/json");
    EXPECT_EQ(refused.field("Connection"), "");
    EXPECT_TRUE(refused.body.starts_with(
        R"({"success":false,"error":{"code":"BAD_REQUEST","message":"the body is not JSON: )"))
        << refused.body;
    EXPECT_NE(refused.body.find(" at byte 6\""), std::string::npos) << refused.body;
    expect_echo(R"({"a":1})", type);
  }
  client.send(post("/echo", "", "Content-Type: application/json\r\n") +
              post("/echo", std::string(5000, '['), "Content-Type: application/json\r\n") +
              post("/echo", "\"\xFF\"", "Content-Type: application/json\r\n") + get("/json"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.read_response().status, 400) << i;
  EXPECT_EQ(client.read_response().status, 200);
}

TEST_P(Echo, responds_to_other_methods_with_405_and_to_options_with_allow) {
  client.send(get("/echo") + closing("OPTIONS /echo HTTP/1.1"));
  const Response other = client.read_response();
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(other.field("Allow"), "POST, OPTIONS");
  const Response options = client.read_response();
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.field("Allow"), "POST, OPTIONS");
}

// ---- Paths. ----

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
    const std::string with_body = exchange(server.port(), post(path, "body") + get("/json"));
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
  client.send(post("/items/a%2fb", "body"));
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
    client.send(post(path, R"({"name":"lamp"})", fields));
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

// ---- Handlers that throw. ----

TEST(Handlers, that_throw_give_an_error_and_keep_the_connection) {
  Router router;
  router.get("/standard", [](const Request&, chopin::Response& response) {
    response.status(201).field("X-Half", "done").text("half");
    throw std::runtime_error("inner matter");
  });
  router.get("/int", [](const Request&, chopin::Response&) { throw 7; });
  router.post("/error", [](const Request&, chopin::Response&) {
    throw HttpError(422, "say \"please\"", {{"name", "is missing"}});
  });
  router.get("/late", [](const Request&, chopin::Response& response) { response.status(700); });
  std::atomic<bool> serves = false;  // a fast route's body is also written once when it is added
  router.fast(FastRoute::json("/fast", [&serves](JsonWriter& out) {
    out.begin_array();
    if (serves) throw std::runtime_error("inner matter");
    out.end_array();
  }));
  LiveServer server(in_mode(Mode::standard), std::move(router));
  serves = true;
  RawClient client(server.port());
  const auto fails = [&](const std::string& request) {
    client.send(request);
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 500) << request;
    EXPECT_EQ(response.body,
              R"({"success":false,"error":{"code":"INTERNAL_ERROR","message":"internal error"}})");
    EXPECT_EQ(response.field("X-Half"), "");
    EXPECT_EQ(response.field("Connection"), "");
  };
  for (int i = 0; i < 2; ++i) {
    for (const char* path : {"/standard", "/int", "/late", "/fast"}) fails(get(path));
    client.send(post("/error", "x"));
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(response.body, R"({"success":false,"error":{"code":"VALIDATION_ERROR",)"
                             R"("message":"say \"please\"","fields":{"name":"is missing"}}})");
  }
}

TEST(Handlers, middleware_that_throws_or_refuses_gives_an_error_and_keeps_the_connection) {
  Router router;
  router.use({.name = "guard",
              .reason = "",
              .before =
                  [](Request& request, chopin::Response& response) {
                    if (request.path() == "/throw") throw std::runtime_error("inner matter");
                    if (request.path() == "/refuse") return Verdict::fail(403, "not you");
                    if (request.path() == "/done") {
                      response.text("done before");
                      return Verdict::done();
                    }
                    return Verdict::next();
                  },
              .after =
                  [](const Request& request, chopin::Response& response) {
                    response.replace_field("X-After", std::to_string(response.status()));
                    if (request.path() == "/after") throw 7;
                  }});
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  for (const auto& [path, status, after] :
       {std::tuple{"/throw", 500, "500"}, std::tuple{"/refuse", 403, "403"}, std::tuple{"/done", 200, "200"},
        std::tuple{"/after", 500, ""}, std::tuple{"/nowhere", 404, "404"}}) {
    client.send(get(path));
    const Response response = client.read_response();
    EXPECT_EQ(response.status, status) << path;
    EXPECT_EQ(response.field("X-After"), after) << path;
  }
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

// ---- Fields that the middleware adds. ----

TEST(Layers, every_response_of_the_router_may_be_read_by_any_origin) {
  for (const Mode mode : {Mode::performance, Mode::standard}) {
    LiveServer server(in_mode(mode));
    RawClient client(server.port());
    client.send(get("/") + post("/echo", "x") + post("/echo", "x", "Content-Type: application/json\r\n") +
                get("/nowhere") + post("/json", "x") + "OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n" +
                get("/json"));
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
