#include "system/stop_signals.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <pthread.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace chopin::system {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

void (*action_of(int number))(int) {
  struct sigaction action{};
  sigaction(number, nullptr, &action);
  return action.sa_handler;  // NOLINT(cppcoreguidelines-pro-type-union-access)
}

void own_handler(int /*number*/) {}

TEST(StopSignals, count_signals_and_end_a_wait) {
  StopSignals signals;
  EXPECT_EQ(signals.count(), 0U);
  raise(SIGTERM);
  signals.wait_until(Clock::time_point::max());
  EXPECT_EQ(signals.count(), 1U);
}

TEST(StopSignals, reach_each_that_waits) {
  StopSignals one;
  StopSignals other;
  raise(SIGINT);
  one.wait_until(Clock::time_point::max());
  other.wait_until(Clock::time_point::max());
  EXPECT_EQ(one.count() + other.count(), 2U);
}

TEST(StopSignals, a_wait_ends_at_its_time) {
  StopSignals signals;
  const auto time = Clock::now() + 20ms;
  signals.wait_until(time);
  EXPECT_GE(Clock::now(), time);
}

TEST(StopSignals, a_waker_ends_a_wait_and_may_outlive_it) {
  auto signals = std::make_unique<StopSignals>();
  const StopSignals::Waker waker = signals->waker();
  std::thread other([&] { waker(); });
  signals->wait_until(Clock::time_point::max());
  other.join();
  signals.reset();
  waker();
}

TEST(StopSignals, leave_actions_and_mask_as_they_were) {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, nullptr);
  std::signal(SIGTERM, own_handler);
  {
    const StopSignals signals;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
    EXPECT_NE(action_of(SIGTERM), own_handler);
    EXPECT_NE(action_of(SIGUSR1), SIG_DFL);
  }
  sigset_t mask;
  pthread_sigmask(SIG_UNBLOCK, &term, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 1);
  EXPECT_EQ(action_of(SIGTERM), own_handler);
  EXPECT_EQ(action_of(SIGUSR1), SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

TEST(StopSignals, leave_the_program_what_it_handles_or_ignores_except_interrupt_and_terminate) {
  for (const int number : {SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2}) {
    for (auto* const own : {own_handler, SIG_IGN}) {
      std::signal(number, own);
      const StopSignals signals;
      EXPECT_EQ(action_of(number), own) << number;
      std::signal(number, SIG_DFL);
    }
  }
  std::signal(SIGINT, SIG_IGN);
  const StopSignals signals;
  EXPECT_NE(action_of(SIGINT), SIG_IGN);
}

TEST(StopSignals, a_forked_child_dies_of_its_own_and_does_not_stop_the_parent) {
  const StopSignals signals;
  const pid_t child = fork();
  if (child == 0) {
    raise(SIGTERM);
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) << status;
  EXPECT_EQ(signals.count(), 0U);
}

TEST(DisarmedSigpipe, lets_a_write_without_a_reader_fail) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  disarm_sigpipe();
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
}

TEST(DisarmedSigpipe, leaves_a_handler_of_the_program) {
  std::signal(SIGPIPE, own_handler);
  disarm_sigpipe();
  EXPECT_EQ(action_of(SIGPIPE), own_handler);
  std::signal(SIGPIPE, SIG_DFL);
}

}  // namespace
}  // namespace chopin::system
