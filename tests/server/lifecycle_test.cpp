#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "chopin/server.hpp"
#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/open_files_left.hpp"
#include "harness/raw_client.hpp"

namespace chopin {
namespace {

const std::string closing_request = test::closing("GET / HTTP/1.1");

Config quiet() {
  Config config = test::test_config();
  config.log_level = LogLevel::off;
  return config;
}

/// A router whose GET / calls the function, and responds with the message of its std::logic_error.
Router calling(std::function<void()> call) {
  Router router;
  router.get("/", [call = std::move(call)](const Request&, Response& response) {
    try {
      call();
      response.text("done");
    } catch (const std::logic_error& error) {
      response.text(error.what());
    }
  });
  return router;
}

std::string fault_of(const std::function<void()>& call) {
  try {
    call();
    return {};
  } catch (const std::logic_error& error) {
    return error.what();
  }
}

// ThreadSanitizer reports what such programs do to themselves: globals destroyed while the main thread uses
// them, threads that nobody joins.
#if !defined(CHOPIN_SANITIZE_THREAD)

/// Of a child that runs this.
int status_of(const std::function<int()>& program) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) _exit(program());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::unique_ptr<Server> global_server;  // NOLINT(*-avoid-non-const-global-variables): destroyed by exit

TEST(Server, lets_exit_in_a_handler_end_the_program) {
  EXPECT_EQ(status_of([] {
              global_server = std::make_unique<Server>(quiet(), calling([] { std::exit(3); }));
              // Not before `run` has left it: then the main thread uses what `exit` destroys.
              global_server->run([port = global_server->port()] {
                std::thread([port] { test::RawClient(port).send(closing_request); }).detach();
              });
              return 0;
            }),
            3);
}

TEST(Server, may_be_destroyed_by_a_handler_of_its_own) {
  EXPECT_EQ(status_of([] {
              global_server = std::make_unique<Server>(quiet(), calling([] { global_server.reset(); }));
              global_server->start();
              return test::ask(global_server->port(), closing_request).body == "done" ? 0 : 1;
            }),
            0);
}

#endif

TEST(Server, is_started_only_once) {
  Server server(quiet(), Router());
  server.start();
  EXPECT_EQ(fault_of([&] { server.start(); }), "Server::start: it has been started before");
  EXPECT_EQ(fault_of([&] { server.run(); }), "Server::run: it has been started before");
  server.stop();
  EXPECT_EQ(fault_of([&] { server.start(); }), "Server::start: it has been started before");
  EXPECT_EQ(fault_of([&] { server.run(); }), "Server::run: it has been started before");
}

TEST(Server, that_was_not_started_cannot_be_waited_for) {
  Server server(quiet(), Router());
  EXPECT_EQ(fault_of([&] { server.stop(); }), "Server::stop: it was not started");
  EXPECT_EQ(fault_of([&] { server.wait(); }), "Server::wait: it was not started");
  server.start();
  server.stop();
}

TEST(Server, may_be_stopped_again) {
  Server server(quiet(), Router());
  server.start();
  server.stop();
  server.stop();
  server.wait();
  server.request_stop();
}

TEST(Server, cannot_be_waited_for_in_a_handler_of_its_own) {
  Server* running = nullptr;
  Server other(quiet(), Router());
  other.start();
  Server server(quiet(), calling([&] {
                  other.stop();
                  running->stop();
                }));
  running = &server;
  server.start();
  EXPECT_EQ(test::ask(server.port(), closing_request).body,
            "Server::stop: it would wait for this handler; request_stop");
  EXPECT_EQ(test::ask(server.port(), closing_request).status, 200) << "it still serves";
  server.stop();
}

TEST(Server, cannot_be_waited_for_in_on_ready) {
  Server server(quiet(), Router());
  std::string of_stop;
  std::string of_wait;
  server.run([&] {
    of_stop = fault_of([&] { server.stop(); });
    of_wait = fault_of([&] { server.wait(); });
    server.request_stop();
  });
  EXPECT_EQ(of_stop, "Server::stop: it would wait for on_ready; request_stop");
  EXPECT_EQ(of_wait, "Server::wait: it would wait for on_ready; request_stop");
  server.stop();
}

TEST(Server, whose_run_throws_lets_no_thread_wait_for_ever) {
  Server server(quiet(), Router());
  std::thread waiter;
  EXPECT_THROW(server.run([&] {
    waiter = std::thread([&] { EXPECT_TRUE(server.wait()); });
    throw std::runtime_error("not ready");
  }),
               std::runtime_error);
  waiter.join();
}

TEST(Server, that_cannot_start_lets_no_thread_wait_for_ever) {
  Server server(quiet(), Router());
  {
    const test::OpenFilesLeft none(0);
    EXPECT_THROW(server.start(), std::system_error);
  }
  EXPECT_TRUE(server.wait());
}

TEST(Server, started_by_start_ends_when_a_handler_requests_it) {
  for (const Mode mode : {Mode::standard, Mode::performance}) {
    Server* running = nullptr;
    Config config = quiet();
    config.mode = mode;
    config.workers = 2;
    Server server(config, calling([&] { running->request_stop(); }));
    running = &server;
    server.start();
    EXPECT_EQ(test::ask(server.port(), closing_request).body, "done");
    server.wait();
  }
}

TEST(Server, run_ends_when_a_handler_requests_it) {
  Server* running = nullptr;
  Server server(quiet(), calling([&] { running->request_stop(); }));
  running = &server;
  std::thread client([&] { EXPECT_EQ(test::ask(server.port(), closing_request).body, "done"); });
  server.run();
  client.join();
}

TEST(Server, run_ends_at_once_if_a_stop_was_requested_before) {
  Server server(quiet(), Router());
  server.request_stop();
  server.run();
}

TEST(Server, run_ends_when_another_thread_stops_it_and_that_waits_for_it) {
  Server server(quiet(), Router());
  std::thread stopper;
  server.run([&] { stopper = std::thread([&] { server.stop(); }); });
  stopper.join();
}

}  // namespace
}  // namespace chopin
