#include <atomic>
#include <cstdint>
#include <ctime>
#include <exception>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "http/http_date.hpp"
#include "system/sockets.hpp"
#include "wire/modes.hpp"

namespace chopin::test {
namespace {

using connection::CloseReason;

TEST(StandardMode, serves_the_fast_routes_with_these_bytes_through_the_middleware) {
  LiveServer server(standard(2));
  const std::string tail =
      "Server: chopin\r\nAccess-Control-Allow-Origin: *\r\n" + date_line + "Connection: close\r\n\r\n";
  const std::string json =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n" + tail;
  const std::string text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n" + tail;
  const auto response_to = [&](const std::string& line) {
    return without_dates(exchange(server.port(), closing(line)));
  };
  EXPECT_EQ(response_to("GET /json HTTP/1.1"), json + R"({"message":"Hello, World!"})");
  EXPECT_EQ(response_to("GET /plaintext?query HTTP/1.1"), text + "Hello, World!");
  EXPECT_EQ(response_to("HEAD /json HTTP/1.1"), json);
  EXPECT_EQ(response_to("HEAD /plaintext HTTP/1.0"), text);
}

TEST(StandardMode, keeps_or_closes_connections_as_the_client_asks) {
  LiveServer server(standard(1));
  RawClient client(server.port());
  client.send(
      "GET /json HTTP/1.1\r\nHost: h\r\n\r\nGET /plaintext HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read_response().field("Connection"), "");
  EXPECT_EQ(client.read_response().field("Connection"), "keep-alive");
  client.send("GET /json HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_response().field("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(StandardMode, formats_the_date_for_every_response) {
  LiveServer server(standard(1));
  RawClient client(server.port());
  // A cached Date is up to a tick late; one formatted for the response never is.
  for (const std::time_t until = std::time(nullptr) + 3; std::time(nullptr) < until;) {
    const std::time_t before = std::time(nullptr);
    client.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string date = client.read_response().field("Date");
    const std::time_t after = std::time(nullptr);
    ASSERT_TRUE(date == http::HttpDate(before).text() || date == http::HttpDate(after).text())
        << date << " is not " << http::HttpDate(before).text();
  }
}

TEST(StandardMode, a_drain_ends_all_workers) {
  LiveServer server(standard(3));
  std::vector<RawClient> idle;
  for (int i = 0; i < 30; ++i) {
    idle.emplace_back(server.port());
    idle.back().send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(idle.back().read_response().status, 200);
  }
  std::vector<RawClient> busy;
  for (int i = 0; i < 3; ++i) {
    busy.emplace_back(server.port());
    busy.back().send("GET /json HTTP/1.1\r\nHost: h\r\n\r\nGET /plaintext HT");
    EXPECT_EQ(busy.back().read_response().status, 200);
  }
  server.drain();
  for (RawClient& client : idle) EXPECT_EQ(client.read_to_end(), "");
  for (RawClient& client : busy) {
    client.send("TP/1.1\r\nHost: h\r\n\r\n");
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Connection"), "close");
    EXPECT_EQ(client.read_to_end(), "");
    client.shutdown_send();
  }
  const connection::Counters counters = server.join();
  EXPECT_EQ(counters.closed_by(CloseReason::drained), 33U);
  EXPECT_EQ(counters.closed_by(CloseReason::cut), 0U);
  EXPECT_EQ(counters.connections, 33U);
  EXPECT_THROW(RawClient{server.port()}, std::exception);
}

TEST(StandardMode, a_cut_ends_all_workers) {
  LiveServer server(standard(3));
  std::vector<RawClient> stuck;
  for (int i = 0; i < 9; ++i) {
    stuck.emplace_back(server.port());
    stuck.back().send("GET /json HTTP/1.1\r\nHost: h\r\n\r\nGET /js");
    EXPECT_EQ(stuck.back().read_response().status, 200);
  }
  server.cut();
  EXPECT_EQ(server.join().closed_by(CloseReason::cut), 9U);
}

TEST(StandardMode, a_cut_while_connections_arrive_ends) {
  for (int round = 0; round < 20; ++round) {
    LiveServer server(standard(3));
    std::atomic<bool> done = false;
    std::thread connecting([&] {
      while (!done) {
        try {
          RawClient client(server.port());
          client.send("GET /json HTTP/1.1\r\nHost: h\r\n\r\n");
        } catch (const std::exception&) {
          return;
        }
      }
    });
    EXPECT_EQ(ask(server.port(), "GET /json HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
    const connection::Counters counters = server.stop();
    done = true;
    connecting.join();
    std::uint64_t closed = 0;
    for (const std::uint64_t count : counters.closed) closed += count;
    EXPECT_EQ(closed, counters.connections);
  }
}

TEST(StandardMode, works_for_a_server_that_never_ran) {
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    Config config = standard(3);
    config.mode = mode;
    config.max_connections = 2;
    const auto launcher = std::make_unique<server::Launcher>(config, app::benchmark_server(config));
    std::vector<RawClient> clients;
    for (int i = 0; i < 12; ++i) {
      clients.emplace_back(launcher->endpoint().port());
      clients.back().send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
  }  // queued connections are accepted, up to the limit, and ended
}

TEST(StandardMode, shares_its_port_with_nobody) {
  LiveServer server(standard(2));
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    Config second = standard(1);
    second.mode = mode;
    second.port = server.port();
    EXPECT_THROW(LiveServer{second}, std::exception);
  }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const system::Descriptor owner(fd);
  system::require_shared_port(fd);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_NE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
      << "even one that would share cannot: the server's socket has no SO_REUSEPORT";
}

}  // namespace
}  // namespace chopin::test
