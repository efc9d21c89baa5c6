#include "loop/resolver.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

#include "loop/event_loop.hpp"

namespace chopin::loop {
namespace {

std::counting_semaphore<> allowed(0);
std::counting_semaphore<> begun(0);
std::atomic<int> lookups = 0;

/// Has no addresses, but says the port in its error.
system::HostAddresses echo_port(const std::string& /*host*/, std::uint16_t port) noexcept {
  ++lookups;
  return {{port, boost::system::generic_category()}, {}};
}

system::HostAddresses wait_until_allowed(const std::string& host, std::uint16_t port) noexcept {
  begun.release();
  allowed.acquire();
  return echo_port(host, port);
}

struct Waiter final : HostQuestion::Asker {
  std::shared_ptr<HostQuestion> question;
  std::optional<int> found;

  Waiter(EventLoop& loop, std::uint16_t port)
      : question(std::make_shared<HostQuestion>("host", port, *this, loop.tasks())) {}
  void on_found(system::HostAddresses addresses) noexcept override { found = addresses.error.value(); }
};

struct ResolverOfALoop : testing::Test {
  EventLoop loop;

  ResolverOfALoop() {
    loop.tasks()->claim();
    lookups = 0;
  }
  ~ResolverOfALoop() override { loop.close(); }
  ResolverOfALoop(const ResolverOfALoop&) = delete;
  ResolverOfALoop& operator=(const ResolverOfALoop&) = delete;
};

TEST_F(ResolverOfALoop, answers_on_the_loop_in_the_order_of_the_questions) {
  Resolver resolver(echo_port);
  std::vector<std::unique_ptr<Waiter>> waiters;
  for (std::uint16_t port = 1; port <= 20; ++port) {
    waiters.push_back(std::make_unique<Waiter>(loop, port));
    EXPECT_FALSE(resolver.add(waiters.back()->question));
  }
  while (!waiters.back()->found) loop.run_round();
  int port = 0;
  for (const auto& waiter : waiters) EXPECT_EQ(waiter->found, ++port);
}

TEST_F(ResolverOfALoop, refuses_more_than_256_that_wait) {
  Resolver resolver(wait_until_allowed);
  Waiter first(loop, 1);
  EXPECT_FALSE(resolver.add(first.question));
  begun.acquire();
  std::vector<std::unique_ptr<Waiter>> waiters;
  for (std::size_t i = 0; i < Resolver::most_waiting; ++i) {
    waiters.push_back(std::make_unique<Waiter>(loop, 2));
    ASSERT_FALSE(resolver.add(waiters.back()->question)) << i;
  }
  Waiter one_more(loop, 3);
  EXPECT_EQ(resolver.add(one_more.question), boost::asio::error::try_again);
  allowed.release(Resolver::most_waiting + 1);
  while (!waiters.back()->found) loop.run_round();
  EXPECT_FALSE(one_more.found);
  for (std::size_t i = 0; i < Resolver::most_waiting; ++i) begun.acquire();
}

TEST_F(ResolverOfALoop, looks_up_nothing_for_who_no_longer_asks) {
  Resolver resolver(wait_until_allowed);
  Waiter first(loop, 1);
  Waiter second(loop, 2);
  Waiter third(loop, 3);
  for (Waiter* waiter : {&first, &second, &third}) EXPECT_FALSE(resolver.add(waiter->question));
  begun.acquire();
  first.question->withdraw();  // while it is looked up
  second.question->withdraw();
  allowed.release(2);
  while (!third.found) loop.run_round();
  EXPECT_FALSE(first.found);
  EXPECT_FALSE(second.found);
  EXPECT_EQ(lookups, 2);
  begun.acquire();
}

TEST_F(ResolverOfALoop, looks_up_in_a_forked_child_too) {
#ifdef CHOPIN_SANITIZE_THREAD
  GTEST_SKIP() << "ThreadSanitizer allows no threads in a child of a process with threads";
#endif
  Resolver resolver(echo_port);
  Waiter of_parent(loop, 1);
  EXPECT_FALSE(resolver.add(of_parent.question));
  while (!of_parent.found) loop.run_round();
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);  // ends it if nothing is found
    EventLoop own;
    own.tasks()->claim();
    Waiter waiter(own, 2);
    if (resolver.add(waiter.question)) _exit(1);
    while (!waiter.found) own.run_round();
    _exit(*waiter.found == 2 ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(ResolverOfALoop, leaves_a_lookup_that_hangs_behind) {
  auto waiter = std::make_unique<Waiter>(loop, 1);
  {
    Resolver resolver(wait_until_allowed);
    EXPECT_FALSE(resolver.add(waiter->question));
    begun.acquire();
  }
  waiter->question->withdraw();
  const std::weak_ptr<HostQuestion> question = waiter->question;
  waiter.reset();
  loop.close();
  allowed.release();
  while (!question.expired()) {
  }
}

}  // namespace
}  // namespace chopin::loop
