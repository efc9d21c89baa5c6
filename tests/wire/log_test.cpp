#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/executor.hpp"
#include "chopin/middleware.hpp"
#include "chopin/operation.hpp"
#include "chopin/responder.hpp"
#include "chopin/server.hpp"
#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/log_collector.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"
#include "system/descriptor.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

Config logging_config() {
  Config config = test_config();
  config.environment = Environment::development;
  return config;
}

std::string get_with_id(std::string_view target, std::string_view id = "mine") {
  return get(target, "X-Request-Id: " + std::string(id) + "\r\n");
}

Router logged_routes() {
  Router router;
  router.use(middleware::request_id("")).use(middleware::request_log(""));
  router.get("/", [](const Request& request, chopin::Response& response) {
    request.log().info("order placed", {{"order", 7}});
    response.text("x");
  });
  router.get("/throws", [](const Request&, chopin::Response&) { throw std::runtime_error("no \"luck\""); });
  router.route(Method::get, "/drops", [](Responder) {});
  return router;
}

std::size_t threads_of_this_process() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(threads), end(threads)));
}

/// Returns when the log has the last line, too: a thread of its own passes the lines on.
void stop(Server& server, const LogCollector& log) {
  server.stop();
  EXPECT_TRUE(eventually([&] { return log.count("info served requests=") == 1; }));
}

TEST(ServerLog, takes_lines_from_handlers) {
  LogCollector log;
  Server server(logging_config(), logged_routes(), log.sink());
  server.start();
  ask(server.port(), get_with_id("/"));
  server.log().info("from outside", {{"port", server.port()}});
  stop(server, log);
  EXPECT_EQ(log.count("info order placed order=7"), 1U);
  EXPECT_EQ(log.count("info request method=GET target=/ status=200 bytes=1 latency_us="), 1U);
  EXPECT_EQ(log.count("info from outside port="), 1U);
  EXPECT_EQ(log.count("info served requests=1 connections=1"), 1U);
}

TEST(ServerLog, is_each_servers_own) {
  LogCollector lines_of_a;
  LogCollector lines_of_b;
  Server a(logging_config(), logged_routes(), lines_of_a.sink());
  a.start();
  constexpr std::size_t rounds = 20;
  std::size_t asked = 0;
  RawClient client(a.port());
  for (std::size_t i = 0; i < rounds; ++i) {
    Config config = logging_config();
    config.log_format = LogFormat::json;
    config.log_level = LogLevel::error;
    Server b(config, logged_routes(), lines_of_b.sink());
    b.start();
    std::thread asks_b([&b] { ask(b.port(), get_with_id("/throws")); });
    for (int request = 0; request < 10; ++request, ++asked) {
      client.send(get_with_id("/"));
      client.read_response();
    }
    asks_b.join();
    b.stop();
  }
  client.send(get_with_id("/"));
  client.read_response();
  stop(a, lines_of_a);
  EXPECT_EQ(lines_of_a.count("info request method=GET target=/ status=200"), asked + 1);
  EXPECT_EQ(lines_of_a.count("info served requests="), 1U);
  EXPECT_EQ(lines_of_a.count("{"), 0U);
  EXPECT_EQ(lines_of_b.lines().size(), rounds);
  EXPECT_EQ(lines_of_b.count(R"("message":"a handler threw","method":"GET","target":"/throws")"), rounds);
}

TEST(ServerLog, says_of_a_handler_that_throws_which_request_it_was) {
  LogCollector log;
  Server server(logging_config(), logged_routes(), log.sink());
  server.start();
  ask(server.port(), get_with_id("/throws?x=1", "first"));
  ask(server.port(), get_with_id("/drops", "second"));
  stop(server, log);
  EXPECT_EQ(
      log.count(R"(error a handler threw method=GET target="/throws?x=1" error="no \"luck\"" status=500 )"
                "request_id=first"),
      1U);
  EXPECT_EQ(log.count("error the handler sent no response method=GET target=/drops status=500 "
                      "request_id=second"),
            1U);
}

struct Word {
  std::string word;

  static constexpr auto json_members = members(member("word", &Word::word));
};

TEST(ServerLog, does_not_say_of_a_handler_that_is_cancelled_that_it_has_responded) {
  std::atomic<bool> waits = false;
  Router router;
  router.use(middleware::request_log(""));
  router.get("/", operation(
                      [&waits]() -> Task<Word> {
                        waits = true;
                        co_await sleep_for(1h);
                        co_return Word{"late"};
                      },
                      {.summary = "Waits."}));
  LogCollector log;
  Config config = logging_config();
  config.environment = Environment::test;
  config.log_level = LogLevel::info;
  Server server(config, std::move(router), log.sink());
  server.start();
  {
    RawClient client(server.port());
    client.send(get("/"));
    EXPECT_TRUE(eventually([&] { return waits.load(); }));
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return log.count("info request method=GET target=/ status=503") == 1; }));
  stop(server, log);
  EXPECT_EQ(log.count("status=200"), 0U);
  EXPECT_EQ(log.count("a response is not as declared"), 0U);
}

TEST(ServerLog, leaves_out_the_request_id_where_there_is_none) {
  LogCollector log;
  Router router;
  router.use(middleware::request_log(""));
  Server server(logging_config(), std::move(router), log.sink());
  server.start();
  ask(server.port(), get_with_id("/"));
  stop(server, log);
  EXPECT_EQ(log.count("target=/ status=404"), 1U);
  EXPECT_EQ(log.count("request_id"), 0U);
}

TEST(ServerLog, may_be_written_into_by_a_responder_that_outlives_the_server) {
  std::promise<Responder> given;
  Router router;
  router.route(Method::get, "/", [&given](Responder responder) { given.set_value(std::move(responder)); });
  LogCollector log;
  std::optional<Responder> kept;
  {
    Config config = logging_config();
    config.timeouts.drain = 1ms;
    Server server(config, std::move(router), log.sink());
    server.start();
    RawClient client(server.port());
    client.send(get_with_id("/"));
    kept.emplace(given.get_future().get());
    server.stop();
  }
  kept->request().log().info("too late");
  EXPECT_EQ(kept->request().log().lost(), 1U);
  kept.reset();
  EXPECT_EQ(log.count("too late"), 0U);
}

TEST(ServerLog, starts_no_thread_before_the_server_does) {
  const std::size_t before = threads_of_this_process();
  Server server(logging_config(), logged_routes());
  server.log().warn("early");
  EXPECT_EQ(threads_of_this_process(), before);
}

TEST(ServerLog, is_written_by_a_server_that_runs_in_a_child_forked_after_its_constructor) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  system::Descriptor reading(ends[0]);
  system::Descriptor writing(ends[1]);
  auto server = std::make_unique<Server>(logging_config(), logged_routes());
  const std::uint16_t port = server->port();
  server->log().info("before the fork");
  const pid_t child = fork();
  if (child == 0) {
    dup2(writing.get(), STDERR_FILENO);
    server->run();
    server.reset();
    _exit(0);
  }
  writing = {};
  ask(port, get_with_id("/"));
  kill(child, SIGTERM);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  std::string text(65536, ' ');
  text.resize(static_cast<std::size_t>(read(reading.get(), text.data(), text.size())));
  for (const char* line : {"info before the fork\n", "info request method=GET", "info served requests=1"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in " << text;
  }
}

TEST(ServerLog, says_what_was_refused_to_whom) {
  LogCollector log;
  Config config = logging_config();
  config.log_level = LogLevel::debug;
  Server server(config, logged_routes(), log.sink());
  server.start();
  exchange(server.port(), "GET / HTTP/1.1\r\n\r\n");
  exchange(server.port(), "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n");
  exchange(server.port(), "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(9000, 'x') + "\r\n\r\n");
  exchange(server.port(), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
  {
    RawClient client(server.port());
    client.send("GET / HT");
    client.shutdown_send();
    client.read_to_end();
  }
  stop(server, log);
  EXPECT_EQ(log.count("debug refused status=400 reason=host_missing peer=127.0.0.1:"), 1U);
  EXPECT_EQ(log.count("debug refused status=400 reason=path_encoding_malformed peer=127.0.0.1:"), 1U);
  EXPECT_EQ(log.count("debug refused status=431 reason="), 1U);
  EXPECT_EQ(log.count("debug refused status=413 reason=body_too_large peer=127.0.0.1:"), 1U);
  EXPECT_EQ(log.count("debug refused status=400 reason=truncated peer=127.0.0.1:"), 1U);
}

/// The number of requests whose lines a pipe cannot hold.
constexpr int many = 1000;

TEST(ServerLog, does_not_keep_the_process_when_nobody_reads_stderr) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const system::Descriptor reading(ends[0]);
  const system::Descriptor writing(ends[1]);
  ServerProcess server({.arguments = {"--workers", "1"},
                        .environment = {{"SERVER_PORT", "0"}},
                        .before_exec = [&] { dup2(ends[1], STDERR_FILENO); }});
  RawClient client(server.port());
  for (int i = 0; i < many; ++i) {
    client.send(get_with_id("/"));
    EXPECT_EQ(client.read_response().status, 200);
  }
  server.signal(SIGTERM);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server.wait(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
}

}  // namespace
}  // namespace chopin::test
