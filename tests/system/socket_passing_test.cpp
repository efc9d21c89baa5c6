#include "system/socket_passing.hpp"

#include <atomic>
#include <csignal>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace chopin::system {
namespace {

/// SIGUSR1 does nothing, and restarts system calls as far as the kernel does that.
class HarmlessSignal {
 public:
  HarmlessSignal() {
    struct sigaction action{};
    action.sa_handler = [](int) {};  // NOLINT(cppcoreguidelines-pro-type-union-access)
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, &before_);
  }
  ~HarmlessSignal() { sigaction(SIGUSR1, &before_, nullptr); }
  HarmlessSignal(const HarmlessSignal&) = delete;
  HarmlessSignal& operator=(const HarmlessSignal&) = delete;

 private:
  struct sigaction before_{};
};

TEST(SocketPassing, is_not_disturbed_by_signals) {
  const HarmlessSignal signal;
  const std::string name = "chopin/test/" + std::to_string(getpid());
  const Descriptor listening = listen_locally(name);
  const Descriptor client = connect_locally(name);
  const Descriptor server = accept_locally(listening.get());
  ASSERT_TRUE(server.is_open());
  std::atomic<bool> has_ended = false;
  char kind = 0;
  std::thread receiver([&] {
    kind = receive_message(server.get()).kind;
    has_ended = true;
  });
  for (int i = 0; i < 50 && !has_ended; ++i) {
    pthread_kill(receiver.native_handle(), SIGUSR1);
    poll(nullptr, 0, 2);
  }
  EXPECT_FALSE(has_ended) << "a signal has ended the wait";
  EXPECT_TRUE(send_message(client.get(), 'x'));
  receiver.join();
  EXPECT_EQ(kind, 'x');
}

}  // namespace
}  // namespace chopin::system
