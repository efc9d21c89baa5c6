#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "chopin/responder.hpp"
#include "harness/raw_client.hpp"
#include "wire/later.hpp"

namespace chopin::test {
namespace {

// ---- Handlers that do not respond, or throw. ----

TEST_F(Later, a_responder_dropped_anywhere_sends_500_and_the_connection_stays_open) {
  start([](Responder) {});
  RawClient client(port());
  const auto expect_500 = [&] {
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 500);
    EXPECT_NE(response.body.find("INTERNAL_ERROR"), std::string::npos) << response.body;
    client.send(get("/now"));
    EXPECT_EQ(client.read_response().body, "now");
  };
  client.send(get("/"));
  expect_500();
  client.send(get("/later"));
  {
    const Responder dropped_by_another_thread = shelf.take();
  }
  expect_500();
}

TEST_F(Later, what_was_filled_in_before_a_responder_was_dropped_is_not_sent) {
  start([](Responder responder) {
    responder.response().status(201).field("X-Secret", "half").text("half a response");
  });
  const Response response = ask(port(), get("/"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.field("X-Secret"), "");
  EXPECT_EQ(response.body.find("half"), std::string::npos);
}

TEST_F(Later, an_exception_that_destroys_the_responder_becomes_the_response) {
  router.route(Method::get, "/error", [](Responder) { throw HttpError(409, "taken"); });
  router.route(Method::get, "/standard", [](Responder) { throw std::runtime_error("inner matter"); });
  router.route(Method::get, "/int", [](Responder) { throw 7; });
  router.route(Method::get, "/moved", [](Responder responder) {
    const Responder own = std::move(responder);
    throw HttpError(418, "moved within the handler");
  });
  start();
  RawClient client(port());
  for (const auto& [path, status] : {std::pair{"/error", 409}, std::pair{"/standard", 500},
                                     std::pair{"/int", 500}, std::pair{"/moved", 418}}) {
    client.send(get(path) + get("/now"));
    const Response response = client.read_response();
    EXPECT_EQ(response.status, status) << path;
    EXPECT_EQ(response.field("Content-Type"), "application/json") << path;
    EXPECT_EQ(response.body.find("inner"), std::string::npos) << response.body;
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, an_exception_after_the_responder_has_moved_elsewhere_leaves_the_response_to_it) {
  start([this](Responder responder) {
    shelf.put(std::move(responder));
    throw std::runtime_error("too late");
  });
  RawClient client(port());
  client.send(get("/"));
  respond(shelf.take(), "the real one");
  EXPECT_EQ(client.read_response().body, "the real one");
  client.send(get("/now"));
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, an_exception_after_the_response_does_not_change_it) {
  start([](Responder responder) {
    respond(std::move(responder), "sent");
    throw 7;
  });
  RawClient client(port());
  client.send(get("/") + get("/now"));
  EXPECT_EQ(client.read_response().body, "sent");
  EXPECT_EQ(client.read_response().body, "now");
}

TEST_F(Later, completion_handlers_in_the_context_may_throw) {
  start([](Responder responder) {
    auto& context = responder.io_context();
    boost::asio::post(context, [responder = std::make_shared<Responder>(std::move(responder))]() -> void {
      if (responder->request().query() == "int") throw 7;
      throw std::runtime_error("not caught");
    });
  });
  RawClient client(port());
  for (const char* path : {"/?int", "/"}) {
    client.send(get(path) + get("/now"));
    EXPECT_EQ(client.read_response().status, 500);
    EXPECT_EQ(client.read_response().body, "now");
  }
}

TEST_F(Later, an_operation_that_restarts_itself_forever_in_the_context_starves_nobody) {
  struct Endless {
    boost::asio::io_context& context;
    void operator()() const { boost::asio::post(context, *this); }
  };
  start([](Responder responder) {
    boost::asio::post(responder.io_context(), Endless{responder.io_context()});
    respond(std::move(responder), "started");
  });
  EXPECT_EQ(ask(port(), get("/")).body, "started");
  EXPECT_EQ(ask(port(), get("/now")).body, "now");
}

}  // namespace
}  // namespace chopin::test
