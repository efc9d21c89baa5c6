#include "server/commands.hpp"

#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace chopin::server {
namespace {

struct CommandsOfALoop : testing::Test {
  loop::EventLoop loop;
  std::vector<Command> carried_out;
  std::function<void(Command)> then = [](Command) {};
  Commands commands{loop, [this](Command command) {
                      carried_out.push_back(command);
                      then(command);
                    }};

  void run_all() {
    while (loop.poll_round()) {
    }
  }

  ~CommandsOfALoop() override { loop.close(); }
};

TEST_F(CommandsOfALoop, are_carried_out_once_however_often_they_were_posted) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(commands.post(Command::resume));
  EXPECT_TRUE(commands.post(Command::drain));
  run_all();
  EXPECT_EQ(carried_out, (std::vector{Command::resume, Command::drain}));
  EXPECT_TRUE(commands.post(Command::resume));
  run_all();
  EXPECT_EQ(carried_out.size(), 3U);
}

TEST_F(CommandsOfALoop, that_end_connections_wait_for_the_tasks_that_were_posted_before_them) {
  std::vector<Command> when_dealt = {Command::cut};
  commands.post(Command::make_room);
  loop.tasks()->post([&] { when_dealt = carried_out; });
  commands.post(Command::drain);
  run_all();
  EXPECT_EQ(when_dealt, std::vector{Command::make_room});
  EXPECT_EQ(carried_out, (std::vector{Command::make_room, Command::drain}));
}

// Each is posted while the one before it is carried out, as by other threads: the task is in the queue
// already.
TEST_F(CommandsOfALoop, may_be_posted_while_others_are_carried_out) {
  then = [this](Command command) {
    if (command == Command::drain) commands.post(Command::resume);
    if (command == Command::resume) commands.post(Command::cut);
  };
  commands.post(Command::drain);
  run_all();
  EXPECT_EQ(carried_out, (std::vector{Command::drain, Command::resume, Command::cut}));
}

TEST_F(CommandsOfALoop, that_were_posted_while_one_closes_the_queue_are_carried_out) {
  then = [this](Command command) {
    if (command != Command::drain) return;
    EXPECT_TRUE(commands.post(Command::cut));
    loop.tasks()->close();
  };
  commands.post(Command::drain);
  run_all();
  EXPECT_EQ(carried_out, (std::vector{Command::drain, Command::cut}));
  EXPECT_FALSE(commands.post(Command::resume));
}

}  // namespace
}  // namespace chopin::server
