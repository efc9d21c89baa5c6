#include <array>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/executor.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

/// No two bytes near each other are the same, so that pieces cannot be mistaken for each other.
std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + (i * 7 + i / 251) % 90);
  return text;
}

class LargeBodies : public testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] static Config config() {
    Config config = test_config();
    config.mode = GetParam();
    return config;
  }
};

TEST_P(LargeBodies, around_the_size_from_which_they_are_shared_arrive_whole) {
  for (const std::size_t size : {Limits::large_body - 1, Limits::large_body, Limits::large_body + 1}) {
    const std::string body = pattern(size);
    LiveServer server(config(), only(FastRoute::text("/big", body)));
    RawClient client(server.port());
    client.send(get("/big") + "HEAD /big HTTP/1.1\r\nHost: h\r\n\r\n" + get("/none") + get("/big"));
    const Response first = client.read_response();
    EXPECT_EQ(first.body, body);
    EXPECT_EQ(first.field("Content-Length"), std::to_string(size));
    EXPECT_EQ(client.read_response(true).head.size(), first.head.size());
    EXPECT_EQ(client.read_response().status, 404);
    EXPECT_EQ(client.read_response().body, body);
  }
}

TEST_P(LargeBodies, pipelined_arrive_in_order) {
  const std::string body = pattern(12 * mib);  // more than the kernel takes at once
  Router router = only(FastRoute::text("/big", body));
  router.get("/small", [](const Request&, chopin::Response& response) { response.text("small"); });
  LiveServer server(config(), std::move(router));
  RawClient client(server.port());
  client.send(get("/small") + get("/big") + get("/small") + get("/big") + get("/big") +
              get("/small", "Connection: close\r\n"));
  for (const std::string& expected : {std::string("small"), body, std::string("small"), body, body}) {
    ASSERT_EQ(client.read_response().body, expected);
  }
  EXPECT_EQ(client.read_response().body, "small");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(LargeBodies, may_be_the_last_response_of_a_connection) {
  const std::string body = pattern(5 * mib);
  LiveServer server(config(), only(FastRoute::text("/big", body)));
  const std::string bytes = exchange(server.port(), get("/big", "Connection: close\r\n"));
  EXPECT_TRUE(bytes.ends_with(body)) << bytes.size();
  const std::string of_1_0 = exchange(server.port(), "GET /big HTTP/1.0\r\n\r\n");
  EXPECT_EQ(of_1_0.size(), bytes.size());
}

TEST_P(LargeBodies, of_a_handler_may_be_shared_and_go_before_they_are_sent) {
  Router router;
  router.get("/{status}", [](const Request& request, chopin::Response& response) {
    response.status(static_cast<std::uint16_t>(std::stoi(std::string(request.param("status")))));
    response.body("text/plain", std::make_shared<const std::string>(pattern(2 * mib)));
  });
  LiveServer server(config(), std::move(router));
  RawClient client(server.port());
  client.send(get("/200") + get("/204") + get("/404"));
  EXPECT_EQ(client.read_response().body, pattern(2 * mib));
  EXPECT_EQ(client.read_response().status, 204);
  EXPECT_EQ(client.read_response().body, pattern(2 * mib));
}

std::string post_large(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

TEST_P(LargeBodies, of_requests_may_be_kept_and_sent_back_without_a_copy) {
  std::shared_ptr<const std::string> kept;
  const auto share = [&kept](const Request& request, chopin::Response& response) {
    kept = request.shared_body();
    if (kept == nullptr) {
      response.text("nothing to share");
    } else if (kept->data() != request.body().data()) {
      response.text("a copy");
    } else {
      response.body("text/plain", kept);
    }
  };
  Router router;
  router.post("/now",
              [share](const Request& request, chopin::Response& response) { share(request, response); });
  router.post("/later", [share](const Request& request, chopin::Response& response) -> Task<void> {
    co_await sleep_for(std::chrono::milliseconds(1));
    share(request, response);
  });
  LiveServer server(config(), std::move(router));
  RawClient client(server.port());
  const std::string body = pattern(mib);
  for (const char* path : {"/now", "/later"}) {
    client.send(post_large(path, body) + post_large(path, "small") + post_large(path, ""));
    EXPECT_EQ(client.read_response().body, body);
    EXPECT_EQ(client.read_response().body, "nothing to share");
    EXPECT_EQ(client.read_response().body, "nothing to share");
    client.send(post_large(path, body));
    EXPECT_EQ(client.read_response().body, body);
  }
  server.stop();
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(*kept, body);
}

INSTANTIATE_TEST_SUITE_P(Modes, LargeBodies, testing::Values(Mode::performance, Mode::standard));

// Sanitizers have shadows and quarantines, which is not what is measured.
#ifndef CHOPIN_SANITIZED

/// In bytes, the process's share of pages that are shared with others.
std::size_t pss() {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string word; file >> word;) {
    std::size_t size = 0;
    if (word == "Pss:" && file >> size) return size * kib;
  }
  return 0;
}

class MemoryOfLargeBodies : public LargeBodies {};

TEST_P(MemoryOfLargeBodies, is_one_copy_however_many_workers_send_it_to_readers_that_do_not_read) {
  constexpr std::size_t size = 16 * mib;
  constexpr std::size_t a_little = 8 * mib;
  constexpr std::size_t readers = 1000;
  Config four_workers = config();
  four_workers.workers = 4;
  const std::size_t before = pss();
  std::optional<LiveServer> server(std::in_place, four_workers,
                                   only(FastRoute::text("/big", std::string(size, 'x'))));
  RawClient(server->port()).send(get("/none"));
  EXPECT_LT(pss() - before, size + a_little);
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < readers; ++i) {
    RawClient& client = clients.emplace_back(server->port());
    client.shrink_receive_buffer();
    client.send(get("/big"));
    std::array<char, 12> start{};  // and no more: the rest waits
    ASSERT_EQ(recv(client.fd(), start.data(), start.size(), MSG_WAITALL), 12);
    ASSERT_EQ(std::string_view(start.data(), start.size()), "HTTP/1.1 200");
  }
  EXPECT_LT(pss() - before, size + a_little);
}

INSTANTIATE_TEST_SUITE_P(Modes, MemoryOfLargeBodies, testing::Values(Mode::performance, Mode::standard));

#endif

}  // namespace
}  // namespace chopin::test
