#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/later.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;
using connection::CloseReason;

// ---- Order and amounts. ----

TEST_F(Later, requests_after_a_pending_one_wait_and_are_served_in_order) {
  start();
  RawClient client(port());
  client.send(get("/now") + get("/later") + get("/now") + get("/later") + get("/nowhere"));
  EXPECT_EQ(client.read_response().body, "now");
  Responder first = shelf.take();
  pass_by_the_worker();
  EXPECT_EQ(shelf.size(), 0U) << "the second is not handled before the first has its response";
  client.send(get("/now"));
  respond(std::move(first), "first");
  EXPECT_EQ(client.read_response().body, "first");
  EXPECT_EQ(client.read_response().body, "now");
  respond(shelf.take(), "second");
  EXPECT_EQ(client.read_response().body, "second");
  EXPECT_EQ(client.read_response().status, 404);
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, a_request_that_comes_in_pieces_while_another_is_pending_is_served) {
  start();
  RawClient client(port());
  client.send(get("/later") + "GET /no");
  Responder pending = shelf.take();
  client.send("w HTTP/1.1\r\nHo");
  pass_by_the_worker();
  respond(std::move(pending), "first");
  EXPECT_EQ(client.read_response().body, "first");
  client.send("st: h\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, more_input_than_a_buffer_after_a_pending_request_is_all_served) {
  start();
  RawClient client(port());
  std::string burst = get("/later");
  constexpr int following = 2000;
  for (int i = 0; i < following; ++i) burst += get("/now");
  client.send(burst);
  respond(shelf.take(), "first");
  EXPECT_EQ(client.read_response().body, "first");
  for (int i = 0; i < following; ++i) ASSERT_EQ(client.read_response().body, "now") << i;
}

TEST_F(Later, hundreds_may_be_pending_and_get_responses_in_any_order) {
  start();
  constexpr std::size_t count = 400;
  std::vector<RawClient> clients;
  std::vector<Responder> responders;
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(port());
    clients.back().send("GET /later?" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  for (std::size_t i = 0; i < count; ++i) responders.push_back(shelf.take());
  while (!responders.empty()) {
    Responder responder = std::move(responders.back());
    responders.pop_back();
    const std::string number(responder.request().query());
    respond(std::move(responder), number);
  }
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(clients[i].read_response().body, std::to_string(i));
}

TEST_F(Later, large_responses_arrive_in_order_even_if_the_connection_blocks) {
  start();
  const std::string big(4'000'000, 'x');
  RawClient client(port());
  client.send(get("/later") + get("/later") + get("/now") + get("/later"));
  respond(shelf.take(), big);
  // The second is handled once the first, which the client does not read, has been passed to the kernel.
  RawClient reader(port());
  reader.send(get("/later"));
  respond(shelf.take(), big);
  EXPECT_EQ(reader.read_response().body.size(), big.size());
  EXPECT_EQ(client.read_response().body.size(), big.size());
  respond(shelf.take(), big + "y");
  EXPECT_EQ(client.read_response().body.size(), big.size() + 1);
  EXPECT_EQ(client.read_response().body, "now");
  respond(shelf.take(), "last");
  EXPECT_EQ(client.read_response().body, "last");
}

TEST_F(Later, a_response_may_come_while_the_one_before_it_blocks_the_connection) {
  const std::string half_a_write(Limits::max_pending_output / 2, 'x');
  router.get("/half", [&](const Request&, chopin::Response& response) { response.text(half_a_write); });
  start();
  constexpr int pairs = 400;
  std::string burst;
  for (int i = 0; i < pairs; ++i) burst += get("/half") + get("/later");
  for (const bool resets : {false, true}) {
    RawClient client(port());
    client.send(burst);
    int responses = 0;
    const auto respond_to_one = [&] {
      respond(shelf.take(), std::to_string(responses++));
      pass_by_the_worker();
      pass_by_the_worker();
    };
    do {
      respond_to_one();
    } while (shelf.size() > 0);  // once the kernel accepts no more, no other request is handled
    EXPECT_LT(responses, pairs);
    if (resets) {
      client.reset();
      pass_by_the_worker();
      continue;
    }
    for (int i = 0; i < pairs; ++i) {
      ASSERT_EQ(client.read_response().body.size(), half_a_write.size()) << i;
      if (i == responses) respond_to_one();
      ASSERT_EQ(client.read_response().body, std::to_string(i));
    }
  }
}

TEST_F(Later, a_pending_request_outlasts_every_timeout) {
  Config config = test_config();
  config.timeouts = {.header = 500ms, .body = 500ms, .idle = 500ms, .write = 500ms, .drain = 500ms};
  start(config);
  RawClient client(port());
  client.send(get("/later"));
  Responder responder = shelf.take();
  for (int i = 0; i < 2; ++i) {  // each ends with a header timeout
    RawClient silent(port());
    EXPECT_EQ(silent.read_to_end(), "");
  }
  respond(std::move(responder), "at last");
  EXPECT_EQ(client.read_response().body, "at last");
  EXPECT_EQ(client.read_to_end(), "") << "and is idle from then on";
  EXPECT_EQ(server->stop().closed_by(CloseReason::idle_timeout), 1U);
}

}  // namespace
}  // namespace chopin::test
