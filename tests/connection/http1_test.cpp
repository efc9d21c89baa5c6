#include "connection/http1.hpp"

#include <algorithm>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "chopin/responder.hpp"

namespace chopin::connection {
namespace {

using Reading = Http1::Reading;
using Writing = Http1::Writing;

Router routes(std::optional<Responder>& held) {
  Router router;
  router.fast(FastRoute::text("/fast", "quick"));
  router.post("/items/{id}", [](const Request& request, Response& response) {
    response.text(std::string(request.param("id")) + " has " + std::string(request.body()));
  });
  router.route(Method::get, "/later", [&held](Responder responder) { held.emplace(std::move(responder)); });
  return router;
}

/// The HTTP half of a connection, from bytes alone: no socket, no thread, no clock.
struct HttpHalf : testing::Test, ResponseTarget {
  explicit HttpHalf(const Config& own = {}) : config(own) {
    loop.tasks()->claim();
    context.worker.prebuilt.set_date("Sun, 06 Nov 1994 08:49:37 GMT");
  }
  HttpHalf(const HttpHalf&) = delete;
  HttpHalf& operator=(const HttpHalf&) = delete;
  ~HttpHalf() override { loop.close(); }

  void on_response() noexcept override { was_told = true; }

  /// What is responded to these bytes, by its status lines and bodies.
  std::string feed(std::string_view bytes) {
    const std::span<char> space = http.input().prepare(context.burst.input, context.most_input);
    std::ranges::copy(bytes, space.begin());
    http.input().commit(bytes.size());
    return serve();
  }
  /// The same in pieces, for bytes that may be larger than any buffer.
  std::string feed_by(std::size_t size, std::string_view bytes) {
    std::string written;
    while (!bytes.empty()) {
      const std::span<char> space = http.input().prepare(context.burst.input, context.most_input);
      const std::string_view piece = bytes.substr(0, std::min(size, space.size()));
      bytes.remove_prefix(piece.size());
      std::ranges::copy(piece, space.begin());
      http.input().commit(piece.size());
      written += serve();
    }
    return written;
  }
  std::string serve() {
    last_step = http.serve();
    http.input().give_back();
    std::string written(context.burst.output.bytes().bytes());
    context.burst.output.clear();
    return written;
  }

  Config config;
  std::optional<Responder> held;
  SharedRoutes shared{routes(held), config};
  loop::EventLoop loop;
  loop::IoContextGuest io_context{loop};
  ConnectionLimit connections{1, [] {}};
  SessionContext context{config, shared, connections, loop, io_context};
  Http1 http{context, *this};
  Http1::Step last_step{};
  bool was_told = false;
};

TEST_F(HttpHalf, is_between_requests_in_a_head_and_in_a_body_in_turn) {
  EXPECT_EQ(http.reading(), Reading::between_requests);
  EXPECT_EQ(feed("POST /items/7 HTTP/1.1\r\nHost: h\r\nContent-"), "");
  EXPECT_EQ(http.reading(), Reading::in_head);
  EXPECT_EQ(feed("Length: 5\r\n\r\nab"), "");
  EXPECT_EQ(http.reading(), Reading::in_body);
  EXPECT_TRUE(http.take_body_progress());
  EXPECT_FALSE(http.take_body_progress());
  EXPECT_TRUE(feed("cde").ends_with("\r\n\r\n7 has abcde"));
  EXPECT_EQ(http.reading(), Reading::between_requests);
  EXPECT_TRUE(http.is_idle());
  EXPECT_TRUE(http.take_responded());
}

TEST_F(HttpHalf, finds_the_route_of_a_body_once_and_keeps_it_while_other_requests_are_served) {
  feed("POST /items/first HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
  Http1 other(context, *this);
  const std::span<char> space = other.input().prepare(context.burst.input, context.most_input);
  constexpr std::string_view request =
      "POST /items/another-one HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
  std::ranges::copy(request, space.begin());
  other.input().commit(request.size());
  other.serve();
  other.input().give_back();
  context.burst.output.clear();
  EXPECT_TRUE(feed("abc").ends_with("first has abc"));
}

TEST_F(HttpHalf, keeps_no_parameter_of_another_request_for_a_body_that_no_route_with_some_takes) {
  for (const char* path : {"/fast", "/a%00b"}) {
    feed("POST /items/7 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    EXPECT_EQ(feed(std::string("POST ") + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na"), "");
    EXPECT_EQ(http.reading(), Reading::in_body);
    EXPECT_TRUE(feed("b").starts_with("HTTP/1.1 4")) << path;
  }
}

TEST_F(HttpHalf, is_done_after_the_last_request_and_reads_nothing_behind_it) {
  const std::string written =
      feed("GET /fast HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /fast HTTP/1.1\r\n");
  EXPECT_TRUE(written.ends_with("quick"));
  EXPECT_EQ(written.find("HTTP/1.1", 1), std::string::npos);
  EXPECT_EQ(http.reading(), Reading::done);
  EXPECT_EQ(http.writing(), Writing::ended);
  EXPECT_EQ(http.reason(), CloseReason::client_asked);
}

TEST_F(HttpHalf, is_done_after_a_request_that_it_refuses) {
  EXPECT_TRUE(feed("GET /fast HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_EQ(http.reading(), Reading::done);
  EXPECT_EQ(http.writing(), Writing::ended);
  EXPECT_EQ(http.reason(), CloseReason::rejected);
}

TEST_F(HttpHalf, is_with_a_handler_until_that_has_responded) {
  EXPECT_EQ(feed("GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET /fast HTTP/1.1\r\nHost: h\r\n\r\n"), "");
  EXPECT_EQ(last_step, Http1::Step::awaits_handler);
  EXPECT_EQ(http.writing(), Writing::with_handler);
  EXPECT_FALSE(http.is_idle());
  held->response().text("at last");
  held->send();
  EXPECT_TRUE(was_told);
  EXPECT_FALSE(http.awaits_handler());
  const std::string written = serve();
  EXPECT_LT(written.find("at last"), written.find("quick"));
  EXPECT_TRUE(http.is_idle());
}

TEST_F(HttpHalf, refuses_a_request_that_its_client_did_not_finish) {
  feed("GET /fast HT");
  http.reject_truncated();
  EXPECT_TRUE(context.burst.output.bytes().bytes().starts_with("HTTP/1.1 400"));
  EXPECT_EQ(http.writing(), Writing::ended);
}

/// With the largest heads that the settings allow.
struct LargeHeads : HttpHalf {
  LargeHeads() : HttpHalf(with_large_heads()) {}

  static Config with_large_heads() {
    Config config;
    config.limits.max_head = 1024 * 1024;
    config.limits.max_fields = 1000;
    return config;
  }
  /// The head of a request for /fast without its end.
  static std::string head_of(std::size_t size) {
    std::string head = "GET /fast HTTP/1.1\r\nHost: h\r\n";
    while (head.size() < size) head += "X: " + std::string(995, 'x') + "\r\n";
    return head;
  }
};

std::clock_t processor_time() {
  return std::clock();
}

TEST_F(LargeHeads, cost_no_more_than_several_times_as_much_if_they_come_line_by_line) {
  const std::string head = head_of(980'000) + "\r\n";
  const auto start = processor_time();
  EXPECT_TRUE(feed_by(head.size(), head).ends_with("quick"));
  const auto at_once = processor_time() - start;
  EXPECT_TRUE(feed_by(1000, head).ends_with("quick"));
  const auto by_lines = processor_time() - start - at_once;
  EXPECT_LT(by_lines, 20 * at_once) << "500 times if each line had the whole head parsed again";
  std::string tiny_fields = head_of(970'000);
  for (int i = 0; i < 20; ++i) tiny_fields += "a:\r\n";
  EXPECT_TRUE(feed_by(1, tiny_fields + "\r\n").ends_with("quick"));
}

class LargeHeadWithoutA : public LargeHeads, public testing::WithParamInterface<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(Field, LargeHeadWithoutA,
                         testing::Values(": x\r\n", "no colon\r\n", "a b: c\r\n", "a: b\n"));

TEST_P(LargeHeadWithoutA, is_refused_as_soon_as_the_line_has_ended) {
  const std::string_view line = GetParam();
  EXPECT_EQ(feed_by(1000, head_of(20'000)), "");
  const std::string before = feed_by(1, line.substr(0, line.size() - 1));
  EXPECT_TRUE((before + feed_by(1, "\n")).starts_with("HTTP/1.1 400 "));
}

}  // namespace
}  // namespace chopin::connection
