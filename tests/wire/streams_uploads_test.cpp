#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/posts.hpp"
#include "wire/streams.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

// ---- Request bodies in parts. ----

TEST_F(Streams, a_body_larger_than_any_buffer_is_read_in_parts) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  const std::string body = letters_of(5'000'000);
  client.send(post_head("/count", body.size()) + body + get("/now"));
  EXPECT_EQ(client.read_response().body, counted(body));
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Streams, bodies_of_every_small_size_are_read_whole_however_they_are_split) {
  const LiveServer server(test_config(), router());
  for (const std::size_t size :
       std::vector<std::size_t>{0, 1, 2, 15, 4096, 4097, 65535, 65536, 65537, 200'000}) {
    const std::string body = letters_of(size);
    RawClient client(server.port());
    client.send(post_head("/count", size) + body);
    EXPECT_EQ(client.read_response().body, counted(body)) << size;
    client.send(post_head("/count", size));
    client.send(body.substr(0, size / 2));
    client.send(body.substr(size / 2) + get("/now"));
    EXPECT_EQ(client.read_response().body, counted(body)) << size;
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Streams, chunks_are_joined_however_they_are_split) {
  const LiveServer server(test_config(), router());
  const std::string body = letters_of(100'000);
  for (const std::size_t step : std::vector<std::size_t>{1, 7, 1000, 99'999}) {
    std::string chunks;
    for (std::size_t at = 0; at < body.size(); at += 10'000) {
      chunks += "2710;x=y\r\n" + body.substr(at, 10'000) + "\r\n";
    }
    chunks += "0\r\nX-Trailer: t\r\n\r\n";
    RawClient client(server.port());
    client.send(post_chunked("/count"));
    const std::size_t most = step == 1 ? 300 : chunks.size();
    for (std::size_t at = 0; at < most; at += step) client.send(chunks.substr(at, std::min(step, most - at)));
    client.send(chunks.substr(most) + get("/now"));
    EXPECT_EQ(client.read_response().body, counted(body)) << step;
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Streams, the_client_is_asked_to_go_on_when_the_handler_reads) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  client.send(post_head("/count", 3, "Expect: 100-continue\r\n"));
  EXPECT_EQ(client.read_exactly(25), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(client.read_response().body, counted("abc"));
}

TEST_F(Streams, a_part_stays_while_the_handler_waits_for_something_else) {
  Router router;
  router.post("/", [](Exchange& exchange) -> Task<> {
    std::string all;
    for (;;) {
      const std::string_view part = co_await exchange.read();
      if (part.empty()) break;
      const std::string before(part);
      co_await sleep_for(1ms);
      all += before == part ? "=" : "!";
    }
    exchange.response().text(all.find('!') == std::string::npos ? "same" : "changed");
  });
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  RawClient other(server.port());
  const std::string body = letters_of(500'000);
  client.send(post_head("/", body.size()) + body.substr(0, 1000));
  other.send(post_head("/", body.size()) + std::string(1000, '#'));
  client.send(body.substr(1000));
  other.send(std::string(body.size() - 1000, '#'));
  EXPECT_EQ(client.read_response().body, "same");
  EXPECT_EQ(other.read_response().body, "same");
}

TEST_F(Streams, a_trailer_section_larger_than_the_input_buffer_is_read) {
  Config config = test_config();
  config.limits.max_head = 200'000;
  const LiveServer server(config, router());
  RawClient client(server.port());
  client.send(post_chunked("/count") + "5\r\nhello\r\n0\r\n");
  client.send("X-Long: " + std::string(150'000, 't') + "\r\n\r\n" + get("/now"));
  EXPECT_EQ(client.read_response().body, counted("hello"));
  EXPECT_EQ(client.read_response().body, "now");
}

}  // namespace
}  // namespace chopin::test
