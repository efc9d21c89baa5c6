#include <atomic>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "chopin/middleware.hpp"
#include "chopin/responder.hpp"
#include "harness/eventually.hpp"
#include "harness/raw_client.hpp"
#include "wire/later.hpp"

namespace chopin::test {
namespace {

// ---- What is sent. ----

TEST_F(Later, responses_are_sent_as_the_request_asks) {
  start();
  const auto later = [this](const std::string& request, bool head_only = false) {
    RawClient client(port());
    client.send(request);
    respond(shelf.take(), "text");
    const Response response = client.read_response(head_only);
    if (response.field("Connection") == "close") {
      EXPECT_EQ(client.read_to_end(), "");
    } else {
      client.send(get("/now"));
      EXPECT_EQ(client.read_response().body, "now");
    }
    return without_dates(response.head + response.body);
  };
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n"
      "Server: chopin\r\nDate: " +
      std::string(fixed_date) + "\r\n";
  EXPECT_EQ(later(get("/later")), head + "\r\ntext");
  EXPECT_EQ(later("HEAD /later HTTP/1.1\r\nHost: h\r\n\r\n", true), head + "\r\n");
  EXPECT_EQ(later("GET /later HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
            head + "Connection: close\r\n\r\ntext");
  EXPECT_EQ(later("GET /later HTTP/1.0\r\n\r\n"), head + "Connection: close\r\n\r\ntext");
  EXPECT_EQ(later("GET /later HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            head + "Connection: keep-alive\r\n\r\ntext");
}

TEST_F(Later, the_request_stays_intact_while_its_connection_and_worker_continue) {
  router.route(Method::post, "/items/{id}/{rest...}",
               [this](Responder responder) { shelf.put(std::move(responder)); });
  start();
  const std::string body(20'000, 'b');
  RawClient client(port());
  client.send("POST /items/caf%C3%A9/a/b?x=%20y HTTP/1.1\r\nHost: example\r\nX-Long: " +
              std::string(300, 'v') + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 1000) client.send(body.substr(at, 1000));
  Responder responder = shelf.take();
  client.send(get("/now") + std::string(100, '\r'));
  for (int i = 0; i < 100; ++i) {
    ask(port(), "GET /other/" + std::string(200, 'o') + " HTTP/1.1\r\nHost: other\r\nX-Long: other\r\n\r\n");
  }
  const Request& request = responder.request();
  EXPECT_EQ(request.method(), Method::post);
  EXPECT_EQ(request.target(), "/items/caf%C3%A9/a/b?x=%20y");
  EXPECT_EQ(request.path(), "/items/caf\xC3\xA9/a/b");
  EXPECT_EQ(request.param("id"), "caf\xC3\xA9");
  EXPECT_EQ(request.param("rest"), "a/b");
  EXPECT_EQ(request.query_value("x"), " y");
  EXPECT_EQ(request.field("host"), "example");
  EXPECT_EQ(request.field("X-Long"), std::string(300, 'v'));
  EXPECT_EQ(request.body(), body);
  respond(std::move(responder), "done");
  EXPECT_EQ(client.read_response().body, "done");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, what_middleware_has_put_into_the_response_before_stays_there) {
  router.use({.name = "before", .reason = "", .before = [](Request&, chopin::Response& response) {
                response.field("X-Before", "1");
                return Verdict::next();
              }});
  start();
  RawClient client(port());
  client.send(get("/later"));
  respond(shelf.take(), "late");
  EXPECT_EQ(client.read_response().field("X-Before"), "1");
}

TEST_F(Later, middleware_sees_the_final_response_on_the_workers_thread) {
  struct Seen {
    std::atomic<std::thread::id> before;
    std::atomic<std::thread::id> after;
    std::atomic<int> status = 0;
    std::atomic<int> calls = 0;
  } seen;
  router.use({.name = "outer",
              .reason = "",
              .before =
                  [&seen](Request& request, chopin::Response&) {
                    seen.before = std::this_thread::get_id();
                    request.set_note("key", "note of " + std::string(request.path()));
                    return Verdict::next();
                  },
              .after =
                  [&seen](const Request& request, chopin::Response& response) {
                    seen.after = std::this_thread::get_id();
                    seen.status = response.status();
                    ++seen.calls;
                    response.field("X-Note", request.note("key"));
                    if (response.status() == 410) throw HttpError(503, "thrown on the way out");
                  }});
  start();
  RawClient client(port());
  client.send(get("/later"));
  Responder responder = shelf.take();
  EXPECT_EQ(seen.calls, 0);
  EXPECT_EQ(responder.request().note("key"), "note of /later");
  responder.response().status(202).text("accepted");
  responder.send();
  const Response accepted = client.read_response();
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(accepted.field("X-Note"), "note of /later");
  EXPECT_EQ(seen.status, 202);
  EXPECT_EQ(seen.calls, 1);
  EXPECT_EQ(seen.after.load(), seen.before.load());
  client.send(get("/later"));
  {
    const Responder dropped = shelf.take();
  }
  EXPECT_EQ(client.read_response().field("X-Note"), "note of /later");
  EXPECT_EQ(seen.status, 500);
  client.send(get("/later"));
  responder = shelf.take();
  responder.response().status(410);
  responder.send();
  EXPECT_EQ(client.read_response().status, 503);
  client.send(get("/later"));
  responder = shelf.take();
  client.reset();
  ASSERT_TRUE(eventually([&] { return responder.client_is_gone(); }));
  responder.send();
  EXPECT_TRUE(eventually([&] { return seen.calls == 4; })) << "for the log, though nobody waits";
}

}  // namespace
}  // namespace chopin::test
