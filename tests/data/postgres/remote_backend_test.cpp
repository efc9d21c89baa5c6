// Calls of workers without connections, and a host that ends under them.
#include "data/postgres/remote_backend.hpp"

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "data/source_worker.hpp"
#include "data/test_batch.hpp"

namespace chopin::data::postgres {
namespace {

/// Both workers on this thread. The host cannot connect, and is not told so before its loop runs.
class CallsToAHost : public testing::Test {
 protected:
  CallsToAHost() {
    host_loop.tasks()->claim();
    loop.tasks()->claim();
    host.emplace(Pool::Options{}, connector, host_loop, hosts, 0);
    backend.emplace(hosts, 0, loop);
  }
  ~CallsToAHost() override {
    loop.close();
    host_loop.close();
  }

  void start_both() {
    backend->start(batch);
    backend->acquire(request);
  }
  void end_host() {
    host_loop.close();
    host.reset();
  }
  void expect_both_back() {
    while (loop.poll_round()) {
    }
    EXPECT_EQ(batch.done, 1);
    EXPECT_EQ(batch.error(), "08001");
    EXPECT_EQ(batch.detail(), "the worker that has the connections has ended");
    EXPECT_TRUE(request.is_done);
    EXPECT_EQ(request.sqlstate, "08001");
  }

  loop::EventLoop host_loop;
  loop::EventLoop loop;
  Connector connector{
      {.url = "postgres://chopin@127.0.0.1:1/none", .statement_timeout = {}, .connections = 1}, Log()};
  const std::shared_ptr<HostDirectory> hosts = std::make_shared<HostDirectory>();
  TestBatch batch{&one_number};
  test::NotedRequest request;
  std::optional<RemoteHost> host;
  std::optional<RemoteBackend> backend;
};

TEST_F(CallsToAHost, that_has_ended_go_back) {
  end_host();
  start_both();
  expect_both_back();
}

TEST_F(CallsToAHost, that_ends_before_it_takes_them_go_back) {
  start_both();
  end_host();
  expect_both_back();
}

TEST_F(CallsToAHost, that_ends_with_them_go_back) {
  start_both();
  host_loop.poll_round();
  EXPECT_EQ(host->state(), "0 of 2 connections open, 0 busy, 2 waiting");
  end_host();
  expect_both_back();
}

TEST_F(CallsToAHost, are_forgotten_there_when_they_are_withdrawn) {
  start_both();
  host_loop.poll_round();
  backend->withdraw(batch);
  backend->withdraw(request);
  host_loop.poll_round();
  EXPECT_EQ(host->state(), "0 of 2 connections open, 0 busy, 0 waiting");
  end_host();
  while (loop.poll_round()) {  // nothing comes but the clock's tick
  }
  EXPECT_EQ(batch.done, 0);
  EXPECT_FALSE(request.is_done);
}

TEST_F(CallsToAHost, are_forgotten_there_when_their_backend_ends) {
  start_both();
  host_loop.poll_round();
  backend.reset();
  host_loop.poll_round();
  EXPECT_EQ(host->state(), "0 of 2 connections open, 0 busy, 0 waiting");
}

TEST_F(CallsToAHost, keep_it_as_long_as_there_may_be_any) {
  std::optional<RemoteBackend> other;
  other.emplace(hosts, 0, loop);
  backend.reset();
  EXPECT_FALSE(host->may_end());
  while (host_loop.poll_round()) {
  }
  other.reset();
  EXPECT_TRUE(host->may_end());
  EXPECT_TRUE(host_loop.poll_round());  // it is woken to learn that
}

}  // namespace
}  // namespace chopin::data::postgres
