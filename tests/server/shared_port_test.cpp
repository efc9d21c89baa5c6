#include "server/shared_port.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <future>
#include <linux/sockios.h>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/log_collector.hpp"
#include "harness/open_files_left.hpp"
#include "harness/raw_client.hpp"
#include "log/writer.hpp"
#include "server/listening_sockets.hpp"
#include "system/socket_passing.hpp"
#include "system/sockets.hpp"

namespace chopin::server {
namespace {

using system::Descriptor;

/// A port that several servers of this process share.
struct SharedPorts : testing::Test {
  Config config = test::test_config();
  Descriptor reserved;

  SharedPorts() {
    config.share_port = true;
    ListeningSockets opened = open_listening_sockets(config, 1);
    config.port = opened.endpoint.port();
    reserved = std::move(opened.sockets.front());
    shutdown(reserved.get(), SHUT_RDWR);  // stays bound, listens no more
  }

  [[nodiscard]] std::vector<Descriptor> open(std::size_t count,
                                             std::vector<Descriptor> taken_over = {}) const {
    return open_listening_sockets(config, count, std::move(taken_over)).sockets;
  }
  /// Of the local socket of the first server that joins.
  [[nodiscard]] std::string name_of_first() const {
    return "chopin/127.0.0.1:" + std::to_string(config.port) + "/0";
  }
};

std::vector<std::uint64_t> identities(const std::vector<Descriptor>& sockets) {
  std::vector<std::uint64_t> all;
  for (const Descriptor& socket : sockets) all.push_back(system::identity_of(socket.get()));
  std::ranges::sort(all);
  return all;
}

TEST_F(SharedPorts, a_server_that_starts_takes_the_sockets_of_one_that_runs) {
  SharedPort first(addresses_of(config));
  EXPECT_TRUE(first.take_over().empty());
  const std::vector<Descriptor> sockets = open(600);  // in three messages
  first.keep(sockets);
  first.join([](Descriptor) { ADD_FAILURE(); });
  const SharedPort second(addresses_of(config));
  std::vector<Descriptor> taken = second.take_over();
  EXPECT_EQ(identities(taken), identities(sockets));
  EXPECT_EQ(open(602, std::move(taken)).size(), 602U);
}

TEST_F(SharedPorts, a_server_that_stops_offers_the_sockets_that_the_other_lacks) {
  std::promise<Descriptor> adopted;
  SharedPort first(addresses_of(config));
  const std::vector<Descriptor> sockets = open(1);
  first.keep(sockets);
  first.join([&](Descriptor socket) { adopted.set_value(std::move(socket)); });
  SharedPort second(addresses_of(config));
  const std::vector<Descriptor> both = open(2, second.take_over());
  second.keep(both);
  second.join([](Descriptor) { ADD_FAILURE(); });
  second.leave();
  EXPECT_EQ(system::identity_of(adopted.get_future().get().get()), system::identity_of(both.back().get()));
}

TEST_F(SharedPorts, connections_that_wait_for_a_server_that_stops_are_kept_for_the_other) {
  std::vector<Descriptor> old_sockets = open(1);
  auto old = std::make_unique<SharedPort>(addresses_of(config));
  old->keep(old_sockets);
  old->join([](Descriptor) { ADD_FAILURE(); });
  const SharedPort young(addresses_of(config));
  const std::vector<Descriptor> young_sockets = open(1, young.take_over());
  test::RawClient client(config.port);
  client.send("x");
  old.reset();
  old_sockets.clear();
  system::Accepted accepted;
  ASSERT_TRUE(test::eventually([&] {
    accepted = system::accept_now(young_sockets.front().get());
    return accepted.error == 0;
  }));
  system::send_now(accepted.socket.get(), "y");
  EXPECT_EQ(client.read_exactly(1), "y");
}

TEST_F(SharedPorts, only_listening_sockets_on_the_address_are_taken) {
  SharedPort first(addresses_of(config));
  std::vector<Descriptor> sockets = open(1);
  Config other = config;
  other.port = 0;
  sockets.push_back(std::move(open_listening_sockets(other, 1).sockets.front()));
  sockets.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockets.emplace_back(dup(STDERR_FILENO));
  first.keep(sockets);
  first.join([](Descriptor) { ADD_FAILURE(); });
  EXPECT_EQ(SharedPort(addresses_of(config)).take_over().size(), 1U);
}

TEST_F(SharedPorts, a_server_that_does_not_respond_delays_the_start_by_a_few_seconds_at_most) {
  const Descriptor silent = system::listen_locally(name_of_first());
  ASSERT_TRUE(silent.is_open());
  EXPECT_FALSE(system::listen_locally(name_of_first()).is_open()) << "taken";
  EXPECT_TRUE(SharedPort(addresses_of(config)).take_over().empty());
}

TEST_F(SharedPorts, a_server_that_promises_more_sockets_without_end_is_left) {
  const Descriptor first = system::listen_locally(name_of_first());
  std::thread promising([&first] {
    const Descriptor server(accept(first.get(), nullptr, nullptr));
    while (system::send_message(server.get(), 'm')) {
    }
  });
  EXPECT_TRUE(SharedPort(addresses_of(config), {}).take_over().empty());
  promising.join();
}

/// A wait for the silent server takes a second, and this no time. A machine that is busy may need another
/// try.
TEST_F(SharedPorts, a_server_amid_its_offer_that_falls_silent_delays_no_stop) {
  const std::vector<Descriptor> sockets = open(1);
  bool was_quick = false;
  for (int attempt = 0; attempt < 5 && !was_quick; ++attempt) {
    SharedPort port(addresses_of(config));
    port.join([](Descriptor) { ADD_FAILURE(); });
    const Descriptor silent = system::connect_locally(name_of_first());
    ASSERT_TRUE(system::send_message(silent.get(), 'm', sockets));
    ASSERT_TRUE(test::eventually([&] {
      int unread = 0;
      return ioctl(silent.get(), SIOCOUTQ, &unread) == 0 && unread == 0;
    }));
    const auto start = std::chrono::steady_clock::now();
    port.leave();
    was_quick = std::chrono::steady_clock::now() - start < system::passing_timeout / 2;
  }
  EXPECT_TRUE(was_quick);
}

TEST_F(SharedPorts, servers_that_do_not_respond_delay_a_stop_by_two_seconds_together) {
  SharedPort port(addresses_of(config));
  port.keep(open(1));
  std::vector<Descriptor> silent;
  for (int number = 0; number < SharedPort::most_servers; ++number) {
    const std::string name = name_of_first();
    silent.push_back(system::listen_locally(name.substr(0, name.size() - 1) + std::to_string(number)));
  }
  const auto start = std::chrono::steady_clock::now();
  port.leave();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(6)) << "a second for each is 16";
}

TEST_F(SharedPorts, the_sockets_of_another_server_get_the_backlog_of_the_one_that_takes_them) {
  config.backlog = 16;
  std::vector<Descriptor> sockets = open(1);
  config.backlog = 60;
  EXPECT_EQ(system::effective_backlog(open(1, std::move(sockets)).front().get()), 60U);
}

TEST_F(SharedPorts, the_sockets_of_another_server_get_the_send_bounds_of_the_one_that_takes_them) {
  std::vector<Descriptor> sockets = open(1);
  config.timeouts.write = std::chrono::minutes(2);
  config.send_buffer = 16384;
  const std::vector<Descriptor> taken = open(1, std::move(sockets));
  const system::SocketOptions options = system::read_socket_options(taken.front().get());
  EXPECT_EQ(options.user_timeout, std::chrono::minutes(2));
  EXPECT_EQ(options.send_buffer, 32768);
}

TEST_F(SharedPorts, where_local_sockets_cannot_be_opened_a_server_warns_and_serves) {
  test::LogCollector collector;
  log::OpenLog log(LogLevel::warn, LogFormat::text, collector.sink());
  SharedPort port(addresses_of(config), log.log());
  {
    const test::OpenFilesLeft none(0);
    port.join([](Descriptor) { ADD_FAILURE(); });
  }
  port.leave();
  log.close();
  EXPECT_EQ(collector.count("the port's sockets cannot be shared"), 1U);
}

TEST_F(SharedPorts, a_server_without_a_free_descriptor_waits_for_one_and_does_not_spin) {
  SharedPort port(addresses_of(config));
  port.keep(open(1));
  port.join([](Descriptor) { ADD_FAILURE(); });
  Descriptor client;
  {
    const test::OpenFilesLeft for_the_client(1);
    client = system::connect_locally(name_of_first());
    ASSERT_TRUE(client.is_open());
    const std::clock_t before = std::clock();
    poll(nullptr, 0, 400);
    EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 5) << "a spinning thread would use 400 ms";
  }
  ASSERT_TRUE(system::send_message(client.get(), 't'));
  EXPECT_EQ(system::receive_message(client.get()).descriptors.size(), 1U);
}

}  // namespace
}  // namespace chopin::server
