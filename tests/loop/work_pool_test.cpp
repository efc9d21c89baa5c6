#include "loop/work_pool.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <sched.h>
#include <semaphore>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "loop/event_loop.hpp"

namespace chopin::loop {
namespace {

/// What the jobs of one test have in common. They work only when they may.
struct Workshop {
  std::counting_semaphore<> allowed{0};
  std::counting_semaphore<> begun{0};
  std::atomic<int> worked = 0;
  std::atomic<int> ended = 0;
  std::vector<int> done;  // on the loop's thread
};

class NumberedJob final : public PoolJob {
 public:
  NumberedJob(std::shared_ptr<Workshop> shop, int number) : shop_(std::move(shop)), number_(number) {}
  ~NumberedJob() override { ++shop_->ended; }
  NumberedJob(const NumberedJob&) = delete;
  NumberedJob& operator=(const NumberedJob&) = delete;

 private:
  void work() noexcept override {
    shop_->begun.release();
    shop_->allowed.acquire();
    ++shop_->worked;
  }
  void on_done() noexcept override { shop_->done.push_back(number_); }

  const std::shared_ptr<Workshop> shop_;
  const int number_;
};

struct WorkPoolOfALoop : testing::Test {
  std::shared_ptr<Workshop> shop = std::make_shared<Workshop>();
  std::optional<EventLoop> loop{std::in_place};

  WorkPoolOfALoop() {
    loop->tasks()->claim();
    loop->clock().start();  // so that no round waits for ever
  }
  ~WorkPoolOfALoop() override { end_loop(); }
  WorkPoolOfALoop(const WorkPoolOfALoop&) = delete;
  WorkPoolOfALoop& operator=(const WorkPoolOfALoop&) = delete;

  void end_loop() {
    if (loop) loop->close();
    loop.reset();
  }
  std::shared_ptr<PoolJob> add(WorkPool& pool, int number) {
    std::shared_ptr<PoolJob> job = std::make_shared<NumberedJob>(shop, number);
    return pool.add(job, loop->tasks()) ? job : nullptr;
  }
  void run_until_done(std::size_t jobs) {
    while (shop->done.size() < jobs) loop->run_round();
  }
};

TEST_F(WorkPoolOfALoop, gives_jobs_back_to_the_loop_in_their_order) {
  WorkPool pool({.name = "test", .threads = 1, .most_waiting = 100});
  std::vector<int> expected;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(add(pool, i));
    expected.push_back(i);
  }
  shop->allowed.release(100);
  run_until_done(100);
  EXPECT_EQ(shop->done, expected);
  EXPECT_EQ(shop->ended, 100);
}

TEST_F(WorkPoolOfALoop, works_on_several_jobs_at_once_but_on_no_more_than_it_has_threads) {
  WorkPool pool({.name = "test", .threads = 3, .most_waiting = 100});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(add(pool, i));
  for (int i = 0; i < 3; ++i) shop->begun.acquire();
  EXPECT_FALSE(shop->begun.try_acquire());
  shop->allowed.release(10);
  run_until_done(10);
}

TEST_F(WorkPoolOfALoop, refuses_more_jobs_than_may_wait) {
  WorkPool pool({.name = "test", .threads = 1, .most_waiting = 2});
  EXPECT_TRUE(add(pool, 1));
  shop->begun.acquire();
  EXPECT_TRUE(add(pool, 2));
  EXPECT_TRUE(add(pool, 3));
  EXPECT_FALSE(add(pool, 4));
  EXPECT_EQ(shop->ended, 1);  // that one
  shop->allowed.release(3);
  run_until_done(3);
  EXPECT_TRUE(add(pool, 5));
  shop->allowed.release();
  run_until_done(4);
}

TEST_F(WorkPoolOfALoop, does_not_work_on_what_nobody_waits_for_nor_keeps_it) {
  WorkPool pool({.name = "test", .threads = 1, .most_waiting = 2});
  const auto first = add(pool, 1);
  shop->begun.acquire();
  auto second = add(pool, 2);
  const auto third = add(pool, 3);
  pool.withdraw(*first);  // while it is worked on
  pool.withdraw(*second);
  second.reset();
  EXPECT_EQ(shop->ended, 1);  // that one
  ASSERT_TRUE(add(pool, 4));
  EXPECT_FALSE(add(pool, 5));
  shop->allowed.release(3);
  run_until_done(2);
  EXPECT_EQ(shop->done, (std::vector<int>{3, 4}));
  EXPECT_EQ(shop->worked, 3);
}

TEST_F(WorkPoolOfALoop, drops_what_waits_and_waits_for_what_is_worked_on_when_it_ends) {
  {
    WorkPool pool({.name = "test", .threads = 1, .most_waiting = 2});
    EXPECT_TRUE(add(pool, 1));
    shop->begun.acquire();
    EXPECT_TRUE(add(pool, 2));
    shop->allowed.release(2);
  }
  EXPECT_GE(shop->worked, 1);
  loop->run_round();
  EXPECT_EQ(shop->ended, 2);
}

TEST_F(WorkPoolOfALoop, outlives_a_loop_that_ends_before_the_work_does) {
  WorkPool pool({.name = "test", .threads = 1, .most_waiting = 2});
  EXPECT_TRUE(add(pool, 1));
  shop->begun.acquire();
  end_loop();
  shop->allowed.release();
  while (shop->ended == 0) std::this_thread::yield();
  EXPECT_TRUE(shop->done.empty());
}

TEST_F(WorkPoolOfALoop, does_not_wait_for_ever_for_work_that_does_not_end) {
  {
    WorkPool pool({.name = "test", .threads = 1, .most_waiting = 2});
    EXPECT_TRUE(add(pool, 1));
    shop->begun.acquire();
  }
  shop->allowed.release();
  while (shop->worked == 0) std::this_thread::yield();
  while (shop->done.empty()) loop->run_round();
}

/// Says how its thread is scheduled.
class SchedulingJob final : public PoolJob {
 public:
  struct Found {
    int policy = 0;
    int niceness = 0;
  };
  std::optional<Found> found;

 private:
  void work() noexcept override { seen_ = {sched_getscheduler(0), getpriority(PRIO_PROCESS, 0)}; }
  void on_done() noexcept override { found = seen_; }

  Found seen_;
};

struct PriorityOfAWorkPool : WorkPoolOfALoop {
  static constexpr int nicest = 19;
  const int own = getpriority(PRIO_PROCESS, 0);

  SchedulingJob::Found scheduling(WorkPool::Priority priority) {
    WorkPool pool({.name = "test", .threads = 1, .most_waiting = 1, .priority = priority});
    const auto job = std::make_shared<SchedulingJob>();
    EXPECT_TRUE(pool.add(job, loop->tasks()));
    while (!job->found) loop->run_round();
    return *job->found;
  }
};

TEST_F(PriorityOfAWorkPool, may_be_to_work_when_no_other_thread_wants_the_cpu) {
  const auto [policy, niceness] = scheduling(WorkPool::Priority::when_idle);
  EXPECT_TRUE(policy == SCHED_IDLE || niceness == nicest);
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

TEST_F(PriorityOfAWorkPool, may_be_lower_than_that_of_other_threads) {
  const auto [policy, niceness] = scheduling(WorkPool::Priority::low);
  EXPECT_EQ(policy, SCHED_OTHER);
  EXPECT_EQ(niceness, std::min(own + 10, nicest));
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), own);
}

TEST_F(PriorityOfAWorkPool, may_be_that_of_other_threads) {
  EXPECT_EQ(scheduling(WorkPool::Priority::usual).niceness, own);
}

}  // namespace
}  // namespace chopin::loop
