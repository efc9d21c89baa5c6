#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

std::string post(const std::string& path, std::size_t size, const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: " + std::to_string(size) +
         "\r\n\r\n";
}

std::string post_chunked(const std::string& path) {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
}

/// Bytes whose order matters.
std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return bytes;
}

Task<> count(Exchange& exchange) {
  std::size_t size = 0;
  std::size_t sum = 0;
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    size += part.size();
    for (const char c : part) sum = sum * 31 + static_cast<unsigned char>(c);
  }
  exchange.response().text(std::to_string(size) + " " + std::to_string(sum));
}

std::string counted(std::string_view bytes) {
  std::size_t sum = 0;
  for (const char c : bytes) sum = sum * 31 + static_cast<unsigned char>(c);
  return std::to_string(bytes.size()) + " " + std::to_string(sum);
}

Task<> copy(Exchange& exchange) {
  exchange.response().body("application/octet-stream", "").field("X-Copy", "yes");
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    co_await exchange.write(part);
  }
}

Task<> three_words(Exchange& exchange) {
  exchange.response().text("");
  co_await exchange.write("one ");
  co_await sleep_for(2ms);
  co_await exchange.write("two ");
  co_await exchange.write("three");
}

void now(const chopin::Request& /*request*/, chopin::Response& response) {
  response.text("now");
}

/// The content of chunks, and what comes after the last.
std::pair<std::string, std::string> unchunked(std::string_view bytes) {
  std::string content;
  for (;;) {
    const std::size_t line = bytes.find("\r\n");
    if (line == std::string_view::npos) throw std::runtime_error("no chunk");
    const std::size_t size = std::stoul(std::string(bytes.substr(0, line)), nullptr, 16);
    content += bytes.substr(line + 2, size);
    if (bytes.substr(line + 2 + size, 2) != "\r\n") throw std::runtime_error("no end of a chunk");
    bytes.remove_prefix(line + 4 + size);
    if (size == 0) return {content, std::string(bytes)};
  }
}

/// What comes until the connection closes, without the head.
std::string body_until_close(RawClient& client) {
  const std::string all = client.read_to_end();
  return all.substr(all.find("\r\n\r\n") + 4);
}

class Streams : public testing::Test {
 protected:
  static Router router() {
    Router router;
    router.post("/count", count, {.max_body = std::uint64_t{64} << 20}).post("/copy", copy);
    router.get("/words", three_words).get("/now", now);
    return router;
  }
};

// ---- Request bodies in parts. ----

TEST_F(Streams, a_body_larger_than_any_buffer_is_read_in_parts) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  const std::string body = pattern(5'000'000);
  client.send(post("/count", body.size()) + body + get("/now"));
  EXPECT_EQ(client.read_response().body, counted(body));
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Streams, bodies_of_every_small_size_are_read_whole_however_they_are_split) {
  const LiveServer server(test_config(), router());
  for (const std::size_t size :
       std::vector<std::size_t>{0, 1, 2, 15, 4096, 4097, 65535, 65536, 65537, 200'000}) {
    const std::string body = pattern(size);
    RawClient client(server.port());
    client.send(post("/count", size) + body);
    EXPECT_EQ(client.read_response().body, counted(body)) << size;
    client.send(post("/count", size));
    client.send(body.substr(0, size / 2));
    client.send(body.substr(size / 2) + get("/now"));
    EXPECT_EQ(client.read_response().body, counted(body)) << size;
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Streams, chunks_are_joined_however_they_are_split) {
  const LiveServer server(test_config(), router());
  const std::string body = pattern(100'000);
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
  client.send(post("/count", 3, "Expect: 100-continue\r\n"));
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
  const std::string body = pattern(500'000);
  client.send(post("/", body.size()) + body.substr(0, 1000));
  other.send(post("/", body.size()) + std::string(1000, '#'));
  client.send(body.substr(1000));
  other.send(std::string(body.size() - 1000, '#'));
  EXPECT_EQ(client.read_response().body, "same");
  EXPECT_EQ(other.read_response().body, "same");
}

TEST_F(Streams, a_body_larger_than_the_routes_limit_is_refused) {
  Router router;
  router.post("/ten", count, {.max_body = 10}).post("/whole", now, {.max_body = 10}).post("/usual", now);
  Config config = test_config();
  config.limits.max_body = 20;
  const LiveServer server(config, std::move(router));
  for (const std::string path : {"/ten", "/whole"}) {
    EXPECT_EQ(ask(server.port(), post(path, 10) + "0123456789").status, 200);
    EXPECT_EQ(ask(server.port(), post(path, 11) + "0123456789a").status, 413);
    EXPECT_EQ(ask(server.port(), post(path, 11)).status, 413);
    EXPECT_EQ(ask(server.port(), post_chunked(path) + "a\r\n0123456789\r\n0\r\n\r\n").status, 200);
    EXPECT_EQ(ask(server.port(), post_chunked(path) + "b\r\n0123456789a\r\n0\r\n\r\n").status, 413);
    EXPECT_EQ(ask(server.port(), post_chunked(path) + "b\r\n0").status, 413);
  }
  EXPECT_EQ(ask(server.port(), post("/usual", 20) + std::string(20, 'x')).status, 200);
  EXPECT_EQ(ask(server.port(), post("/usual", 21)).status, 413);
}

TEST_F(Streams, a_route_may_take_larger_bodies_than_the_server) {
  Router router;
  router.post("/large", count, {.max_body = 1000})
      .post("/whole", now, {.max_body = 1000})
      .post("/usual", now);
  Config config = test_config();
  config.limits.max_body = 20;
  const LiveServer server(config, std::move(router));
  for (const std::string path : {"/large", "/whole"}) {
    RawClient client(server.port());
    for (int round = 0; round < 3; ++round) {
      client.send(post(path, 1000) + std::string(1000, 'x'));
      EXPECT_EQ(client.read_response().status, 200);
    }
    EXPECT_EQ(ask(server.port(), post(path, 1001)).status, 413);
  }
  RawClient client(server.port());
  for (int round = 0; round < 3; ++round) {
    client.send(post("/usual", 20) + std::string(20, 'x'));
    EXPECT_EQ(client.read_response().status, 200);
  }
  EXPECT_EQ(ask(server.port(), post("/usual", 21) + std::string(21, 'x')).status, 413);
  EXPECT_EQ(ask(server.port(), post("/usual", 500)).status, 413);
  EXPECT_EQ(
      ask(server.port(), post_chunked("/usual") + "15\r\n" + std::string(21, 'x') + "\r\n0\r\n\r\n").status,
      413);
}

TEST_F(Streams, malformed_truncated_and_slow_bodies_are_refused) {
  Config config = test_config();
  config.timeouts.body = 1ms;
  LiveServer server(config, router());
  EXPECT_EQ(ask(server.port(), post_chunked("/count") + "3\r\nabcX").status, 400);
  EXPECT_EQ(ask(server.port(), post("/count", 10) + "abc").status, 408);
  RawClient client(server.port());
  client.send(post("/count", 10) + "abc");
  client.shutdown_send();
  const Response response = client.read_response();
  EXPECT_TRUE(response.status == 400 || response.status == 408) << response.status;
  EXPECT_EQ(response.field("Connection"), "close");
  const auto counters = server.stop();
  EXPECT_EQ(counters.rejected_for(http::Rejection::chunk_end), 1U);
  EXPECT_GE(counters.rejected_for(http::Rejection::timed_out), 1U);
}

TEST_F(Streams, a_handler_that_does_not_read_the_body_ends_the_connection_with_its_response) {
  Router router;
  router.post("/", [](Exchange& exchange) -> Task<> {
    exchange.response().error(403, "no");
    co_return;
  });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(post("/", 100'000) + "some");
  const Response response = client.read_response();
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.field("Connection"), "close");
  RawClient whole(server.port());
  whole.send(post("/", 4) + "some");
  EXPECT_EQ(whole.read_response().field("Connection"), "");
  client.shutdown_send();
  client.read_to_end();
  EXPECT_EQ(server.stop().closed_by(CloseReason::body_unread), 1U);
}

TEST_F(Streams, a_layer_that_responds_before_the_body_has_come_ends_the_connection) {
  Router router;
  router.use({.name = "guard", .reason = "", .before = [](chopin::Request&, chopin::Response&) {
                return Verdict::fail(401, "who are you?");
              }});
  router.post("/copy", copy);
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(post("/copy", 100'000) + "some");
  EXPECT_EQ(client.read_response().field("Connection"), "close");
  client.send(std::string(99'996, 'x') + get("/now"));
  client.shutdown_send();
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop().closed_by(CloseReason::body_unread), 1U);
}

TEST_F(Streams, a_handler_whose_time_is_over_amid_the_body_ends_the_connection) {
  Router router;
  router.post("/", [](Exchange& exchange) -> Task<> {
    (void)co_await exchange.read();
    co_await sleep_for(1h);
  });
  Config config = test_config();
  config.timeouts.handler = 1ms;
  LiveServer server(config, std::move(router));
  RawClient client(server.port());
  client.send(post("/", 100'000) + "some");
  const Response response = client.read_response();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.field("Connection"), "close");
  client.send(std::string(99'996, 'x') + get("/now"));
  client.shutdown_send();
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.stop().closed_by(CloseReason::body_unread), 1U);
}

TEST_F(Streams, a_part_outlasts_its_connection) {
  std::atomic<int> same = 0;
  Router router;
  router.post("/", [&](Exchange& exchange) -> Task<> {
    const std::string_view part = co_await exchange.read();
    const std::string before(part);
    same = -1;
    try {
      co_await sleep_for(1h);
    } catch (const boost::system::system_error&) {
      same = before == part ? 1 : 2;
    }
  });
  const LiveServer server(test_config(), std::move(router));
  for (const std::string& request :
       {post("/", 100'000) + pattern(50'000), post_chunked("/") + "5\r\nhello\r\n"}) {
    RawClient client(server.port());
    client.send(request);
    EXPECT_TRUE(eventually([&] { return same == -1; }));
    client.reset();
    EXPECT_TRUE(eventually([&] { return same != -1; }));
    EXPECT_EQ(same, 1);
  }
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

// ---- Response bodies in parts. ----

TEST_F(Streams, a_response_is_sent_in_chunks_as_it_is_written) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  client.send(get("/words") + get("/now"));
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n";
  EXPECT_EQ(client.read_exactly(head.size()), head);
  client.send("GET /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto [content, rest] = unchunked(body_until_close(client));
  EXPECT_EQ(content, "one two three");
  EXPECT_EQ(statuses_of(rest), (std::vector<int>{200, 200}));
}

TEST_F(Streams, a_client_of_http_1_0_gets_the_body_until_the_end_of_the_connection) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  client.send("GET /words HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_EQ(all.find("chunked"), std::string::npos);
  EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\none two three"));
}

TEST_F(Streams, a_head_request_gets_the_head_alone) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  client.send("HEAD /words HTTP/1.1\r\nHost: h\r\n\r\n" + get("/now"));
  EXPECT_EQ(client.read_response(true).field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Streams, both_bodies_may_be_streams_at_once) {
  const LiveServer server(test_config(), router());
  RawClient client(server.port());
  const std::string body = pattern(400'000);
  client.send(post("/copy", body.size()));
  std::string received;
  for (std::size_t at = 0; at < body.size(); at += 20'000) client.send(body.substr(at, 20'000));
  client.send("GET /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto [content, rest] = unchunked(body_until_close(client));
  EXPECT_TRUE(content == body) << content.size();
  EXPECT_EQ(statuses_of(rest), (std::vector<int>{200}));
}

TEST_F(Streams, a_client_that_stops_reading_stops_the_handler) {
  std::atomic<std::size_t> written = 0;
  Router router;
  router.get("/", [&](Exchange& exchange) -> Task<> {
    const std::string part(10'000, 'p');
    for (int i = 0; i < 5000; ++i) {
      co_await exchange.write(part);
      written += part.size();
    }
  });
  router.get("/now", now);
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(get("/"));
  std::size_t last = 1;
  EXPECT_TRUE(eventually([&] {  // until nothing more is written while the worker serves others
    for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(server.port(), get("/now")).status, 200);
    return std::exchange(last, written.load()) == written;
  }));
  EXPECT_LT(written, 40'000'000U);  // the kernel's buffers
  client.send("GET /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(unchunked(body_until_close(client)).first.size(), 50'000'000U);
}

TEST_F(Streams, a_handler_that_fails_amid_the_body_ends_the_connection_without_the_last_chunk) {
  Router router;
  router.get("/", [](Exchange& exchange) -> Task<> {
    co_await exchange.write("half");
    throw std::runtime_error("failed");
  });
  LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send(get("/"));
  EXPECT_EQ(body_until_close(client), "4\r\nhalf\r\n");
  EXPECT_EQ(server.stop().closed_by(CloseReason::failed), 1U);
}

TEST_F(Streams, exceptions_before_the_first_part_become_responses) {
  Router router;
  router.get("/", [](Exchange&) -> Task<> {
    co_await sleep_for(1ms);
    throw HttpError(404, "no such file");
  });
  router.get("/no-content", [](Exchange& exchange) -> Task<> {
    exchange.response().no_content();
    co_await exchange.write("?");
  });
  const LiveServer server(test_config(), std::move(router));
  EXPECT_EQ(ask(server.port(), get("/")).status, 404);
  EXPECT_EQ(ask(server.port(), get("/no-content")).status, 500);
}

TEST_F(Streams, a_handler_whose_client_disconnects_is_cancelled) {
  std::atomic<int> running = 0;
  std::atomic<int> failed = 0;
  Router router;
  router.get("/", [&](Exchange& exchange) -> Task<> {
    ++running;
    try {
      for (;;) {
        co_await exchange.write("tick\n");
        co_await sleep_for(1ms);
      }
    } catch (const boost::system::system_error&) {
      ++failed;
    }
    --running;
  });
  router.post("/", [&](Exchange& exchange) -> Task<> {
    ++running;
    try {
      while (!(co_await exchange.read()).empty()) continue;
    } catch (const boost::system::system_error&) {
      ++failed;
    }
    --running;
  });
  const LiveServer server(test_config(), std::move(router));
  {
    RawClient reader(server.port());
    reader.send(get("/"));
    RawClient writer(server.port());
    writer.send(post("/", 100'000) + "some");
    EXPECT_TRUE(eventually([&] { return running == 2; }));
    reader.reset();
    writer.reset();
  }
  EXPECT_TRUE(eventually([&] { return running == 0; }));
  EXPECT_EQ(failed, 2);
}

TEST_F(Streams, a_stream_outlasts_the_handler_timeout_and_a_server_with_one_ends) {
  Router router;
  router.get("/", [](Exchange& exchange) -> Task<> {
    co_await exchange.write("first ");
    co_await sleep_for(1500ms);
    co_await exchange.write("second");
  });
  router.get("/endless", [](Exchange& exchange) -> Task<> {
    co_await exchange.write("first ");
    co_await sleep_for(1h);
  });
  Config config = test_config();
  config.timeouts.handler = 1ms;
  config.timeouts.drain = 1ms;
  LiveServer server(config, std::move(router));
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(unchunked(body_until_close(client)).first, "first second");
  RawClient endless(server.port());
  endless.send(get("/endless"));
  EXPECT_EQ(endless.read_exactly(15), "HTTP/1.1 200 OK");
  EXPECT_EQ(server.stop().closed_by(CloseReason::cut), 1U);
}

TEST_F(Streams, an_upload_outlasts_the_handler_timeout) {
  Router router;
  router.post("/", [](Exchange& exchange) -> Task<> {
    std::size_t count = 0;
    while (true) {
      const std::string_view part = co_await exchange.read();
      if (part.empty()) break;
      count += part.size();
    }
    co_await exchange.write(std::to_string(count));
  });
  Config config = test_config();
  config.timeouts.handler = 1ms;
  LiveServer server(config, std::move(router));
  RawClient client(server.port());
  client.send(post("/", 3));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.is_silent_for(600ms));  // more than the handler timeout and a tick
    client.send("x");
  }
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_EQ(server.stop().handler_timeouts, 0U);
}

TEST_F(Streams, pass_the_middleware_before_the_head_is_sent) {
  Router router;
  router.use({.name = "mark", .reason = "", .after = [](const chopin::Request&, chopin::Response& response) {
                response.field("X-Mark", "m");
              }});
  router.get("/words", three_words);
  const LiveServer server(test_config(), std::move(router));
  RawClient client(server.port());
  client.send("GET /words HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("\r\nX-Mark: m\r\n"), std::string::npos);
  EXPECT_EQ(all.find("X-Mark"), all.rfind("X-Mark"));
}

}  // namespace
}  // namespace chopin::test
