#include "chopin/on_pool.hpp"

#include <atomic>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "chopin/local_client.hpp"
#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using HttpRequest = chopin::Request;
using HttpResponse = chopin::Response;

Task<> work(const HttpRequest& request, HttpResponse& response) {
  auto add = [text = std::string(request.param("text"))] {
    if (text == "refused") throw HttpError(409, "refused on the pool");
    if (text == "broken") throw std::runtime_error("broken on the pool");
    return std::make_unique<std::string>(text + " worked on");  // a result need not be copied
  };
  const auto thread = std::make_shared<std::thread::id>();
  auto note = [thread] { *thread = std::this_thread::get_id(); };
  co_await on_pool(std::move(note));
  const auto result = co_await on_pool(std::move(add));
  response.text(*result + (*thread == std::this_thread::get_id() ? " here" : " elsewhere"));
}

Router working() {
  Router router;
  router.get("/{text}", work);
  return router;
}

TEST(OnPool, runs_a_function_on_another_thread_and_gives_back_its_result) {
  LocalClient client(working());
  EXPECT_EQ(client.get("/a").body, "a worked on elsewhere");
  EXPECT_EQ(client.get("/b").body, "b worked on elsewhere");
}

TEST(OnPool, gives_back_what_the_function_throws) {
  LocalClient client(working());
  const auto refused = client.get("/refused");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("refused on the pool"), std::string::npos);
  EXPECT_EQ(client.get("/broken").status, 500);
}

TEST(OnPool, works_in_a_forked_child_too) {
#ifdef CHOPIN_SANITIZE_THREAD
  GTEST_SKIP() << "ThreadSanitizer allows no threads in a child of a process with threads";
#endif
  EXPECT_EQ(LocalClient(working()).get("/a").status, 200);
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);  // ends it if the pool does nothing
    _exit(LocalClient(working()).get("/a").body == "a worked on elsewhere" ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

/// What functions on the pool and the test have in common.
struct Gate {
  std::binary_semaphore begun{0};
  std::binary_semaphore may_end{0};
  std::atomic<bool> has_ended = false;
};

Router waiting(const std::shared_ptr<Gate>& gate) {
  Router router;
  router.get("/slow", [gate](const HttpRequest&, HttpResponse& response) -> Task<> {
    auto wait = [gate] {
      gate->begun.release();
      gate->may_end.acquire();
      gate->has_ended = true;
    };
    co_await on_pool(std::move(wait));
    response.text("at last");
  });
  router.get("/quick", [](const HttpRequest&, HttpResponse& response) { response.text("at once"); });
  return router;
}

TEST(OnPool, lets_the_worker_serve_others_meanwhile) {
  const auto gate = std::make_shared<Gate>();
  const LiveServer server(test_config(), waiting(gate));
  RawClient client(server.port());
  client.send(get("/slow"));
  gate->begun.acquire();
  EXPECT_EQ(ask(server.port(), get("/quick")).body, "at once");
  gate->may_end.release();
  EXPECT_EQ(client.read_response().body, "at last");
}

TEST(OnPool, finishes_a_function_whose_client_and_server_are_gone) {
  const auto gate = std::make_shared<Gate>();
  {
    LiveServer server(test_config(), waiting(gate));
    RawClient client(server.port());
    client.send(get("/slow"));
    gate->begun.acquire();
    client.reset();
    server.stop();
  }
  EXPECT_FALSE(gate->has_ended);
  gate->may_end.release();
  EXPECT_TRUE(eventually([&] { return gate->has_ended.load(); }));
}

}  // namespace
}  // namespace chopin::test
