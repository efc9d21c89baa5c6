#include <atomic>
#include <chrono>
#include <ctime>
#include <list>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "http/http_date.hpp"
#include "system/sockets.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

using connection::CloseReason;

Config standard(std::uint32_t workers) {
  Config config = test_config();
  config.mode = Mode::standard;
  config.workers = workers;
  return config;
}

Config composed() {
  Config config = test_config();
  config.fast_routes = ResponseClass::composed;
  return config;
}

// ---- Standard mode. ----

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

TEST(StandardMode, deals_connections_to_the_workers_in_turn) {
  Router router;
  router.get("/thread", [](const Request&, chopin::Response& response) {
    std::ostringstream id;
    id << std::this_thread::get_id();
    response.text(id.str());
  });
  LiveServer server(standard(3), std::move(router));
  std::vector<RawClient> clients;
  std::vector<std::string> threads;
  std::map<std::string, int> connections;
  for (int i = 0; i < 9; ++i) {
    clients.emplace_back(server.port());
    clients.back().send("GET /thread HTTP/1.1\r\nHost: h\r\n\r\n");
    threads.push_back(clients.back().read_response().body);
    ++connections[threads.back()];
  }
  EXPECT_EQ(connections.size(), 3U);
  for (const auto& [thread, count] : connections) EXPECT_EQ(count, 3) << thread;
  for (std::size_t i = 3; i < 9; ++i) EXPECT_EQ(threads[i], threads[i - 3]);
  for (std::size_t i = 0; i < 9; ++i) {
    clients[i].send("GET /thread HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(clients[i].read_response().body, threads[i]) << "a connection stays with its worker";
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

/// A server with one worker, which GET /block keeps busy until it is released.
struct Blocking {
  std::atomic<bool> entered = false;
  std::atomic<bool> released = false;
  std::atomic<bool> left = false;

  Router router() {
    Router router;
    router.get("/block", [this](const Request&, chopin::Response&) {
      entered = true;
      eventually([this] { return released.load(); });
      left = true;
    });
    router.get("/", [](const Request&, chopin::Response& response) { response.text("served"); });
    return router;
  }
};

TEST(StandardMode, a_handler_that_blocks_delays_no_connection_while_other_workers_are_free) {
  Blocking block;
  LiveServer server(standard(3), block.router());
  RawClient blocking(server.port());
  blocking.send("GET /block HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return block.entered.load(); }));
  for (int i = 0; i < 12; ++i) EXPECT_EQ(ask(server.port(), closing("GET / HTTP/1.1")).body, "served");
  std::vector<RawClient> at_once;
  for (int i = 0; i < 12; ++i) {
    at_once.emplace_back(server.port());
    at_once.back().send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  for (RawClient& client : at_once) EXPECT_EQ(client.read_response().body, "served");
  EXPECT_FALSE(block.left) << "the others had to wait for the handler";
  block.released = true;
  EXPECT_EQ(blocking.read_response().status, 200);
}

TEST(StandardMode, connections_wait_while_handlers_block_all_workers_and_are_then_served) {
  Blocking block;
  LiveServer server(standard(1), block.router());
  RawClient blocking(server.port());
  blocking.send("GET /block HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return block.entered.load(); }));
  RawClient waiting(server.port());
  waiting.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(waiting.is_silent_for(100ms));
  block.released = true;
  EXPECT_EQ(waiting.read_response().body, "served");
}

TEST(StandardMode, deals_connections_to_the_worker_with_the_fewest) {
  Router router;
  router.get("/thread", [](const Request&, chopin::Response& response) {
    std::ostringstream id;
    id << std::this_thread::get_id();
    response.text(id.str());
  });
  LiveServer server(standard(2), std::move(router));
  const auto connect = [&](std::list<RawClient>& clients) {
    clients.emplace_back(server.port());
    clients.back().send("GET /thread HTTP/1.1\r\nHost: h\r\n\r\n");
    return clients.back().read_response().body;
  };
  std::map<std::string, std::list<RawClient>> by_thread;
  for (int i = 0; i < 6; ++i) {
    std::list<RawClient> client;
    const std::string thread = connect(client);
    by_thread[thread].splice(by_thread[thread].end(), client);
  }
  ASSERT_EQ(by_thread.size(), 2U);
  const std::string emptied = by_thread.begin()->first;
  ASSERT_EQ(by_thread[emptied].size(), 3U);
  by_thread.erase(emptied);
  ASSERT_TRUE(eventually([&] { return server.counters().closed_by(CloseReason::peer_closed) == 3; }));
  std::list<RawClient> clients;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(connect(clients), emptied);
}

TEST(StandardMode, connections_queued_in_the_kernel_when_a_drain_begins_are_served) {
  for (const std::uint32_t workers : {1U, 3U}) {
    Blocking block;
    LiveServer server(standard(workers), block.router());
    RawClient blocking(server.port());
    blocking.send("GET /block HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return block.entered.load(); }));
    std::vector<RawClient> queued;
    for (int i = 0; i < 12; ++i) {
      queued.emplace_back(server.port());
      queued.back().send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    std::vector<RawClient> silent;
    for (int i = 0; i < 12; ++i) silent.emplace_back(server.port());
    server.drain();
    block.released = true;
    EXPECT_EQ(blocking.read_response().status, 200);
    for (RawClient& client : queued) {
      EXPECT_EQ(client.read_response().body, "served");
      client.shutdown_send();
      EXPECT_EQ(client.read_to_end(), "");
    }
    for (RawClient& client : silent) EXPECT_EQ(client.read_to_end(), "");
    const connection::Counters counters = server.join();
    EXPECT_EQ(counters.connections, 25U);
    EXPECT_EQ(counters.closed_by(CloseReason::cut), 0U);
  }
}

TEST(StandardMode, a_drain_does_not_end_with_the_first_idle_connection_that_was_queued) {
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    Blocking block;
    Config config = standard(1);
    config.mode = mode;
    LiveServer server(config, block.router());
    RawClient blocking(server.port());
    blocking.send("GET /block HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return block.entered.load(); }));
    RawClient silent(server.port());  // when it ends no connection is open, and the next is not yet served
    RawClient queued(server.port());
    queued.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    server.drain();
    block.released = true;
    EXPECT_EQ(blocking.read_response().status, 200);
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(queued.read_response().body, "served");
    EXPECT_EQ(server.join().connections, 3U);
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

// ---- Composed responses in performance mode. ----

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
