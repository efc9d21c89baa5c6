#include <chrono>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

const std::string next_request = "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\n";

/// The statuses of the responses to a request and to the next one.
std::pair<int, int> two_statuses(const LiveServer& server, const std::string& request) {
  RawClient client(server.port());
  client.send(request + next_request);
  const int first = client.read_response().status;
  return {first, client.read_response().status};
}

TEST(Bodies, are_read_to_their_end_and_never_as_the_next_request) {
  LiveServer server;
  const std::string smuggled = "GET /json HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string length = std::to_string(smuggled.size());
  ASSERT_EQ(length, "31");
  const std::pair<int, int> not_allowed_then_found{405, 200};
  const std::pair<int, int> found_twice{200, 200};
  EXPECT_EQ(two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n" +
                                     smuggled),
            not_allowed_then_found);
  EXPECT_EQ(two_statuses(
                server, "GET /json HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n" + smuggled),
            found_twice);
  EXPECT_EQ(
      two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\n" +
                               smuggled + "\r\n0\r\n\r\n"),
      not_allowed_then_found);
  EXPECT_EQ(two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
            not_allowed_then_found);
}

TEST(Bodies, larger_than_the_read_buffer_are_dropped_piece_by_piece) {
  LiveServer server;
  EXPECT_EQ(two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" +
                                     std::string(1'000'000, 'x'))
                .second,
            200);
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += "1000;n=v\r\n" + std::string(4096, 'y') + "\r\n";
  EXPECT_EQ(two_statuses(server, "POST /json HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                     chunks + "0\r\nA: b\r\n\r\n")
                .second,
            200);
}

TEST(Bodies, are_limited_by_content_length_or_as_counted) {
  Config config = test_config();
  config.limits.max_body = 10;
  LiveServer server(config);
  const auto status = [&](const std::string& fields_and_body) {
    return ask(server.port(), "POST /json HTTP/1.1\r\nHost: h\r\n" + fields_and_body).status;
  };
  EXPECT_EQ(status("Content-Length: 10\r\n\r\n0123456789"), 405);
  EXPECT_EQ(status("Content-Length: 11\r\n\r\n"), 413);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"), 405);
  EXPECT_EQ(status("Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n"), 413);
  EXPECT_EQ(status("Expect: 100-continue\r\nContent-Length: 11\r\n\r\n"), 413);
}

TEST(Bodies, a_client_that_waits_for_100_gets_it_before_the_response) {
  LiveServer server;
  RawClient client(server.port());
  client.send("POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_exactly(25), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(client.is_silent_for(50ms));
  client.send("ab");
  EXPECT_EQ(client.read_response().status, 405);
}

TEST(Bodies, other_clients_get_no_100) {
  LiveServer server;
  for (const char* request :
       {"POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",  // it did
                                                                                                  // not wait
        "POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
        "POST /json HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        "POST /json HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"}) {
    EXPECT_EQ(ask(server.port(), request).status, 405) << request;
  }
}

TEST(Bodies, a_client_gets_the_100_it_waits_for_with_any_method_and_framing) {
  LiveServer server;
  struct Case {
    const char* request_line_and_framing;
    const char* body;
    int status;
  };
  for (const Case& c :
       {Case{"POST /echo HTTP/1.1\r\nContent-Length: 2", "ab", 200},
        Case{"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked", "2\r\nab\r\n0\r\n\r\n", 200},
        Case{"PUT /nowhere HTTP/1.1\r\nContent-Length: 2", "ab", 404},
        Case{"HEAD /json HTTP/1.1\r\nContent-Length: 2", "ab", 200},
        Case{"GET /json HTTP/1.1\r\nTransfer-Encoding: chunked", "0\r\nA: b\r\n\r\n", 200}}) {
    const std::string request_line_and_framing = c.request_line_and_framing;
    RawClient client(server.port());
    client.send(next_request + request_line_and_framing + "\r\nHost: h\r\nExpect: 100-CONTINUE\r\n\r\n");
    EXPECT_EQ(client.read_response().status, 200);
    EXPECT_EQ(client.read_response().status, 100) << request_line_and_framing;
    client.send(c.body + next_request);
    const bool head_only = request_line_and_framing.starts_with("HEAD");
    EXPECT_EQ(client.read_response(head_only).status, c.status) << request_line_and_framing;
    EXPECT_EQ(client.read_response().status, 200) << request_line_and_framing;
  }
}

TEST(Bodies, a_client_that_has_begun_to_send_the_body_gets_no_100) {
  LiveServer server;
  for (const auto& [framing, begun, rest] :
       {std::tuple{"Content-Length: 4", "ab", "cd"},
        std::tuple{"Transfer-Encoding: chunked", "4", "\r\nabcd\r\n0\r\n\r\n"}}) {
    RawClient client(server.port());
    client.send(std::string("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n") + framing +
                "\r\n\r\n" + begun);
    EXPECT_TRUE(client.is_silent_for(20ms)) << framing;
    client.send(rest);
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200) << framing;
    EXPECT_EQ(response.body, "abcd") << framing;
  }
}

TEST(Bodies, a_body_that_is_refused_gets_no_100_unless_it_turns_out_too_large) {
  LiveServer server;
  const auto statuses = [&](const std::string& fields_and_body) {
    return statuses_of(exchange(server.port(), "POST /echo HTTP/1.1\r\nHost: h\r\n" + fields_and_body));
  };
  EXPECT_EQ(statuses("Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n"), std::vector{413});
  EXPECT_EQ(statuses("Expect: 100-continue\r\nContent-Length: x\r\n\r\n"), std::vector{400});
  EXPECT_EQ(statuses("Expect: 100-continue\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), std::vector{501});
  EXPECT_EQ(statuses("Expect: tea\r\nContent-Length: 1048577\r\n\r\n"), std::vector{413});
  RawClient client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 100);
  client.send("100001\r\n");
  EXPECT_EQ(statuses_of(client.read_to_end()), std::vector{413});
}

TEST(Bodies, an_unknown_expectation_is_refused) {
  LiveServer server;
  for (const char* start :
       {"POST /json HTTP/1.1\r\nExpect: tea\r\nContent-Length: 2\r\nHost: h\r\n\r\nab",
        "POST /json HTTP/1.1\r\nExpect: tea\r\nContent-Length: 2\r\nHost: h\r\n\r\n",
        "GET /json HTTP/1.1\r\nExpect: tea\r\nHost: h\r\n\r\n",
        "POST /json HTTP/1.1\r\nExpect: 100-continue, tea\r\nContent-Length: 2\r\nHost: h\r\n\r\n",
        "POST /json HTTP/1.1\r\nExpect: 100-continue\r\nExpect: tea\r\nContent-Length: 2\r\nHost: "
        "h\r\n\r\n"}) {
    EXPECT_EQ(statuses_of(exchange(server.port(), start + next_request)), std::vector{417}) << start;
  }
  EXPECT_EQ(ask(server.port(), "GET /json HTTP/1.0\r\nExpect: tea\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace chopin::test
