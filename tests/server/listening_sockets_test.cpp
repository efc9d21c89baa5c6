#include "server/listening_sockets.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/log_collector.hpp"
#include "harness/raw_client.hpp"
#include "log/writer.hpp"
#include "system/sockets.hpp"

namespace chopin::server {
namespace {

std::string error_of(const Config& config) {
  try {
    open_listening_sockets(config, 1);
    return {};
  } catch (const ListenError& error) {
    return error.what();
  }
}

/// After a minute of silence the kernel asks three times, ten seconds apart.
void expect_keep_alive(const system::SocketOptions& options) {
  EXPECT_TRUE(options.keep_alive);
  EXPECT_EQ(options.keep_alive_idle, 60);
  EXPECT_EQ(options.keep_alive_interval, 10);
  EXPECT_EQ(options.keep_alive_probes, 3);
}

/// Of what the kernel keeps for a peer that does not read. The patience is that of SO_KEEPALIVE's probes.
void expect_send_bounds(const system::SocketOptions& options) {
  EXPECT_EQ(options.most_unsent, 128U * 1024);
  EXPECT_EQ(options.user_timeout, std::chrono::seconds(90));
}

system::SocketOptions options_of_accepted(const ListeningSockets& opened) {
  const test::RawClient client(opened.endpoint.port());
  system::Accepted accepted;
  EXPECT_TRUE(test::eventually([&] {
    accepted = system::accept_now(opened.sockets.front().get());
    return accepted.error == 0;
  }));
  return system::read_socket_options(accepted.socket.get());
}

TEST(ListeningSockets, share_one_port_and_carry_every_option) {
  const ListeningSockets opened = open_listening_sockets(test::test_config(), 3);
  ASSERT_EQ(opened.sockets.size(), 3U);
  for (const system::Descriptor& socket : opened.sockets) {
    const system::SocketOptions options = system::read_socket_options(socket.get());
    EXPECT_TRUE(options.reuse_address);
    EXPECT_TRUE(options.reuse_port);
    EXPECT_TRUE(options.no_delay);
    expect_keep_alive(options);
    expect_send_bounds(options);
    EXPECT_EQ(options.defer_accept, 0);
  }
}

TEST(ListeningSockets, pass_their_options_on_to_accepted_sockets) {
  const ListeningSockets opened = open_listening_sockets(test::test_config(), 1);
  const system::SocketOptions options = options_of_accepted(opened);
  EXPECT_TRUE(options.no_delay);
  expect_keep_alive(options);
  expect_send_bounds(options);
}

TEST(ListeningSockets, wait_for_the_peer_as_long_as_the_write_timeout_if_that_is_longer) {
  Config config = test::test_config();
  config.timeouts.write = std::chrono::minutes(5);
  const ListeningSockets opened = open_listening_sockets(config, 1);
  EXPECT_EQ(options_of_accepted(opened).user_timeout, std::chrono::minutes(5));
}

TEST(ListeningSockets, pass_the_send_buffer_on_which_the_kernel_doubles) {
  Config config = test::test_config();
  config.send_buffer = 32768;
  EXPECT_EQ(options_of_accepted(open_listening_sockets(config, 1)).send_buffer, 65536);
}

TEST(ListeningSockets, warn_if_the_kernel_cuts_the_send_buffer) {
  test::LogCollector collector;
  log::OpenLog log(LogLevel::warn, LogFormat::text, collector.sink());
  Config config = test::test_config();
  config.send_buffer = ranges::send_buffer.most;
  open_listening_sockets(config, 1, {}, log.log());
  log.close();
  EXPECT_EQ(collector.count("the kernel cuts the send buffer"), 1U);
}

TEST(ListeningSockets, all_receive_connections) {
  const ListeningSockets opened = open_listening_sockets(test::test_config(), 2);
  std::vector<test::RawClient> clients;
  for (int i = 0; i < 64; ++i) clients.emplace_back(opened.endpoint.port());
  for (const system::Descriptor& socket : opened.sockets) {
    EXPECT_TRUE(test::eventually([&] { return system::accept_now(socket.get()).error == 0; }));
  }
}

TEST(ListeningSockets, report_the_backlog_that_the_kernel_grants) {
  Config config = test::test_config();
  config.backlog = 7;
  EXPECT_EQ(system::effective_backlog(open_listening_sockets(config, 1).sockets.front().get()), 7U);
}

TEST(ListeningSockets, refuse_a_port_on_which_another_server_listens) {
  Config config = test::test_config();
  const ListeningSockets first = open_listening_sockets(config, 1);  // with SO_REUSEPORT
  config.port = first.endpoint.port();
  EXPECT_EQ(error_of(config),
            "cannot listen on 127.0.0.1:" + std::to_string(config.port) + ": address already in use");
  config.host = "0.0.0.0";
  EXPECT_EQ(error_of(config),
            "cannot listen on 0.0.0.0:" + std::to_string(config.port) + ": address already in use");
}

TEST(ListeningSockets, share_a_port_with_another_server_when_both_allow_it) {
  Config config = test::test_config();
  const ListeningSockets first = open_listening_sockets(config, 1);
  config.port = first.endpoint.port();
  config.share_port = true;
  EXPECT_EQ(error_of(config), "");
}

TEST(ListeningSockets, of_localhost_are_on_both_loopback_addresses) {
  Config config = test::test_config();
  config.host = "localhost";
  const ListeningSockets opened = open_listening_sockets(config, 2);
  EXPECT_EQ(to_string(opened.endpoint), "127.0.0.1:" + std::to_string(opened.endpoint.port()));
  const system::Descriptor client(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const boost::asio::ip::tcp::endpoint loopback(boost::asio::ip::address_v6::loopback(),
                                                opened.endpoint.port());
  if (connect(client.get(), loopback.data(), static_cast<socklen_t>(loopback.size())) != 0) {
    EXPECT_TRUE(errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) << errno;  // the machine has no IPv6
    EXPECT_EQ(opened.sockets.size(), 2U);
    return;
  }
  EXPECT_EQ(opened.sockets.size(), 4U);
}

TEST(ListeningSockets, say_what_is_wrong_with_the_address) {
  Config config = test::test_config();
  config.host = "192.0.2.1";  // TEST-NET-1 (RFC 5737): not assigned
  config.port = 80;
  EXPECT_EQ(error_of(config), "cannot listen on 192.0.2.1:80: cannot assign requested address");
}

TEST(ListeningSockets, have_an_address_that_a_socket_of_another_family_has_not) {
  const system::Descriptor local(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::fill_n(name.sun_path + 1, 100, 'x');  // an abstract name, longer than an address of TCP
  snprintf(name.sun_path + 1, 32, "%d", static_cast<int>(getpid()));
  ASSERT_EQ(bind(local.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  ASSERT_EQ(listen(local.get(), 1), 0);
  EXPECT_EQ(address_of(local.get()), boost::asio::ip::tcp::endpoint());
  EXPECT_EQ(address_of(-1), boost::asio::ip::tcp::endpoint());
}

}  // namespace
}  // namespace chopin::server
