#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "http/http_date.hpp"

namespace chopin::test {
namespace {

const std::string json_head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\nServer: chopin\r\n" +
    date_line;
const std::string plaintext_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nServer: chopin\r\n" + date_line;

/// All response bytes for requests of which the last one closes.
std::string responses_to(const LiveServer& server, const std::string& requests) {
  return without_dates(exchange(server.port(), requests));
}

TEST(Responses, of_the_fast_routes_are_exactly_these_bytes) {
  LiveServer server;
  EXPECT_EQ(responses_to(server, closing("GET /json HTTP/1.1")),
            json_head + "Connection: close\r\n\r\n{\"message\":\"Hello, World!\"}");
  EXPECT_EQ(responses_to(server, closing("GET /plaintext HTTP/1.1")),
            plaintext_head + "Connection: close\r\n\r\nHello, World!");
}

TEST(Responses, to_head_are_those_to_get_without_body) {
  LiveServer server;
  EXPECT_EQ(
      responses_to(server, "HEAD /json HTTP/1.1\r\nHost: h\r\n\r\n" + closing("HEAD /plaintext HTTP/1.1")),
      json_head + "\r\n" + plaintext_head + "Connection: close\r\n\r\n");
}

TEST(Responses, ignore_the_query) {
  LiveServer server;
  EXPECT_EQ(responses_to(server, closing("GET /plaintext?a=1&b=/json HTTP/1.1")),
            plaintext_head + "Connection: close\r\n\r\nHello, World!");
}

TEST(Responses, to_an_absolute_target_are_those_to_its_path) {
  LiveServer server;
  EXPECT_EQ(responses_to(server, closing("GET http://example.com:80/json?x HTTP/1.1")),
            json_head + "Connection: close\r\n\r\n{\"message\":\"Hello, World!\"}");
}

TEST(Responses, to_an_absolute_target_do_not_depend_on_scheme_or_authority_or_host) {
  LiveServer server;
  const auto body_of = [&](const std::string& target) {
    const Response response = ask(server.port(), "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(response.status, 200) << target;
    return response.body;
  };
  for (const char* target : {"http://h/json", "HTTPS://other:443/json", "http://[::1]:8080/json?q=http://x/y",
                             "http://h/a/../%6Ason"}) {
    EXPECT_EQ(body_of(target), R"({"message":"Hello, World!"})") << target;
  }
  const std::string welcome = body_of("/");
  for (const char* target : {"http://h", "http://h/", "http://h?q"}) EXPECT_EQ(body_of(target), welcome);
  for (const char* target : {"ftp://h/json", "http:/json", "http:///json", "http://u@h/json", "//h/json"}) {
    EXPECT_NE(ask(server.port(), std::string("GET ") + target + " HTTP/1.1\r\nHost: h\r\n\r\n").status, 200)
        << target;
  }
}

TEST(Responses, for_an_unknown_path_are_a_json_404) {
  LiveServer server;
  EXPECT_EQ(
      responses_to(server, closing("GET /nowhere HTTP/1.1")),
      "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 92\r\nServer: chopin\r\n"
      "Access-Control-Allow-Origin: *\r\n" +
          date_line +
          "Connection: close\r\n\r\n"
          R"({"success":false,"error":{"code":"NOT_FOUND","message":"there is no resource at this path"}})");
  for (const char* path : {"/jso", "/jsonx", "/json/", "//json", "/JSON"}) {
    EXPECT_EQ(ask(server.port(), std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n").status, 404)
        << path;
  }
}

TEST(Responses, for_another_method_are_a_json_405_with_allow) {
  LiveServer server;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE"}) {
    const Response response = ask(server.port(), std::string(method) + " /json HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.field("Allow"), "GET, HEAD, OPTIONS") << method;
    EXPECT_EQ(response.field("Content-Type"), "application/json") << method;
    EXPECT_NE(response.body.find("METHOD_NOT_ALLOWED"), std::string::npos) << method;
  }
}

TEST(Responses, to_options_list_the_allowed_methods) {
  LiveServer server;
  EXPECT_EQ(responses_to(server, closing("OPTIONS /json HTTP/1.1")),
            "HTTP/1.1 204 No Content\r\nServer: chopin\r\nAllow: GET, HEAD, OPTIONS\r\n"
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n"
            "Access-Control-Allow-Headers: Content-Type, Authorization\r\nAccess-Control-Max-Age: 86400\r\n" +
                date_line + "Connection: close\r\n\r\n");
  const Response whole_server = ask(server.port(), "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(whole_server.status, 204);
  EXPECT_EQ(whole_server.field("Allow"), "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
  EXPECT_EQ(ask(server.port(), "OPTIONS http://h HTTP/1.1\r\nHost: h\r\n\r\n").status, 204);
  EXPECT_EQ(ask(server.port(), "OPTIONS /nowhere HTTP/1.1\r\nHost: h\r\n\r\n").status, 404);
}

TEST(Responses, to_connect_and_trace_are_405_and_close) {
  LiveServer server;
  for (const char* request :
       {"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n\x16\x03\x01",
        "CONNECT h:443 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "TRACE /json HTTP/1.1\r\nHost: h\r\n\r\n",
        "TRACE /nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
        "TRACE /json HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"}) {
    const std::string bytes =
        exchange(server.port(), std::string(request) + "GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(statuses_of(bytes), std::vector<int>{405}) << request << bytes;
    EXPECT_NE(bytes.find("\r\nAllow: "), std::string::npos) << request;
    EXPECT_NE(bytes.find("\r\nConnection: close\r\n"), std::string::npos) << request;
  }
}

TEST(Responses, carry_the_current_date) {
  LiveServer server;
  RawClient client(server.port());
  const auto date = [&client] {
    client.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
    return client.read_response().field("Date");
  };
  const std::time_t now = std::time(nullptr);
  const std::string first = date();
  EXPECT_TRUE(first == http::HttpDate(now).text() || first == http::HttpDate(now - 1).text() ||
              first == http::HttpDate(now + 1).text())
      << first;
  std::string later = first;
  while (later == first && std::time(nullptr) < now + patience.count()) later = date();
  EXPECT_NE(later, first);
}

TEST(Responses, arrive_over_ipv6_too) {
  Config config = test_config();
  config.host = "::";  // serves IPv4 as well, which the test's client uses
  LiveServer server(config);
  EXPECT_EQ(ask(server.port(), "GET /json HTTP/1.1\r\nHost: [::1]\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace chopin::test
