#include <string>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

TEST(Persistence, an_http_1_1_connection_stays_open_without_a_connection_field) {
  LiveServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Connection"), "");
  }
}

TEST(Persistence, a_request_with_close_gets_close_after_the_date) {
  LiveServer server;
  for (const char* value : {"close", "Close", "x, close", "close, keep-alive"}) {
    const std::string bytes = without_dates(exchange(
        server.port(), std::string("GET /json HTTP/1.1\r\nHost: h\r\nConnection: ") + value + "\r\n\r\n"));
    EXPECT_NE(bytes.find("Date: " + std::string(fixed_date) + "\r\nConnection: close\r\n\r\n"),
              std::string::npos)
        << bytes;
  }
}

TEST(Persistence, an_http_1_0_connection_is_closed_after_an_http_1_1_status_line) {
  LiveServer server;
  const std::string bytes = exchange(server.port(), "GET /json HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 200 OK\r\n")) << bytes;
  EXPECT_NE(bytes.find("\r\nConnection: close\r\n"), std::string::npos);
}

TEST(Persistence, an_http_1_0_client_that_asks_for_keep_alive_gets_it_with_the_field) {
  LiveServer server;
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send("GET /json HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    const Response response = client.read_response();
    EXPECT_EQ(response.field("Connection"), "keep-alive");
    EXPECT_EQ(response.body, R"({"message":"Hello, World!"})");
  }
}

TEST(Persistence, the_connection_field_is_a_list_in_any_case_and_close_wins) {
  LiveServer server;
  struct Case {
    const char* version_and_fields;
    bool is_kept;
  };
  for (const Case& c :
       {Case{"1.1\r\nConnection: closed", true}, Case{"1.1\r\nConnection: keep-alive", true},
        Case{"1.1\r\nConnection:", true}, Case{"1.1\r\nConnection: x-close, upgrade", true},
        Case{"1.1\r\nProxy-Connection: close", true}, Case{"1.1\r\nconnection:\tCLOSE \t", false},
        Case{"1.1\r\nConnection: a ,\t, Close\t,b", false},
        Case{"1.1\r\nConnection: keep-alive\r\nX: y\r\nConnection: close", false},
        Case{"1.1\r\nConnection: close\r\nConnection: keep-alive", false}, Case{"1.0", false},
        Case{"1.0\r\nConnection: upgrade", false}, Case{"1.0\r\nConnection: KEEP-ALIVE", true},
        Case{"1.0\r\nConnection: x\r\nConnection:\ty\t,\tkeep-alive", true},
        Case{"1.0\r\nConnection: keep-alive, close", false},
        Case{"1.0\r\nConnection: close\r\nConnection: keep-alive", false}}) {
    const std::string request = std::string("GET /json HTTP/") + c.version_and_fields + "\r\nHost: h\r\n\r\n";
    const std::string bytes = exchange(server.port(), request + "GET /plaintext HTTP/1.0\r\n\r\n");
    EXPECT_EQ(statuses_of(bytes).size(), c.is_kept ? 2U : 1U) << request;
    const bool says_close = bytes.find("Connection: close") < bytes.find("\r\n\r\n");
    EXPECT_EQ(says_close, !c.is_kept) << request;
  }
}

TEST(Persistence, versions_may_change_on_a_connection) {
  LiveServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(
        "GET /json HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.read_response().field("Connection"), "keep-alive");
    const Response second = client.read_response();
    EXPECT_EQ(second.body, "Hello, World!");
    EXPECT_EQ(second.field("Connection"), "");
  }
}

TEST(Persistence, requests_after_one_that_closes_get_no_response) {
  LiveServer server;
  const std::string bytes = exchange(server.port(),
                                     "GET /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                                     "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(statuses_of(bytes).size(), 1U) << bytes;
  EXPECT_EQ(server.stop().requests, 1U);
}

TEST(Persistence, upgrade_requests_are_ordinary_requests) {
  LiveServer server;
  RawClient client(server.port());
  client.send(
      "GET /json HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
      "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 200);
  client.send("GET /json HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 200);
}

/// So many in a row that the server turns on TCP_DEFER_ACCEPT.
TEST(Persistence, thousands_of_short_connections_all_get_a_response) {
  LiveServer server;
  for (int i = 0; i < 10000; ++i) {
    RawClient client(server.port());
    client.send("GET /json HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    ASSERT_EQ(client.read_response().status, 200) << i;
    ASSERT_EQ(client.read_to_end(), "") << i;
  }
  EXPECT_EQ(server.stop().requests, 10000U);
}

}  // namespace
}  // namespace chopin::test
