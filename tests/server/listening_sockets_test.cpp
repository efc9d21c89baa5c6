#include "server/listening_sockets.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "server/socket_calls.hpp"

namespace chopin::server {
namespace {

std::string error_of(const Config& config) {
  boost::asio::io_context io_context;
  try {
    open_listening_sockets(config, {std::ref(io_context)});
    return {};
  } catch (const ListenError& error) {
    return error.what();
  }
}

TEST(ListeningSockets, share_one_port_and_carry_every_option) {
  boost::asio::io_context io_context;
  const Config config = test::test_config();
  const auto acceptors =
      open_listening_sockets(config, {std::ref(io_context), std::ref(io_context), std::ref(io_context)});
  ASSERT_EQ(acceptors.size(), 3U);
  for (const Acceptor& acceptor : acceptors) {
    EXPECT_EQ(acceptor.local_endpoint(), acceptors.front().local_endpoint());
    auto& open = const_cast<Acceptor&>(acceptor);
    const SocketOptions options = read_socket_options(open.native_handle());
    EXPECT_TRUE(options.reuse_address);
    EXPECT_TRUE(options.reuse_port);
    EXPECT_TRUE(options.no_delay);
  }
}

TEST(ListeningSockets, pass_no_delay_on_to_what_they_accept) {
  boost::asio::io_context io_context;
  auto acceptors = open_listening_sockets(test::test_config(), {std::ref(io_context)});
  const test::RawClient client(acceptors.front().local_endpoint().port());
  auto socket = acceptors.front().accept(io_context);
  EXPECT_TRUE(read_socket_options(socket.native_handle()).no_delay);
}

TEST(ListeningSockets, all_get_connections) {
  Config config = test::test_config();
  boost::asio::io_context io_context;
  auto acceptors = open_listening_sockets(config, {std::ref(io_context), std::ref(io_context)});
  std::vector<test::RawClient> clients;
  for (int i = 0; i < 64; ++i) clients.emplace_back(acceptors.front().local_endpoint().port());
  for (Acceptor& acceptor : acceptors) {
    acceptor.non_blocking(true);
    error_code ec;
    acceptor.accept(io_context, ec);
    EXPECT_FALSE(ec) << ec.message();
  }
}

TEST(ListeningSockets, know_the_backlog_that_the_kernel_grants) {
  boost::asio::io_context io_context;
  Config config = test::test_config();
  config.backlog = 7;
  auto acceptors = open_listening_sockets(config, {std::ref(io_context)});
  EXPECT_EQ(effective_backlog(acceptors.front().native_handle()), 7U);
}

TEST(ListeningSockets, refuse_a_port_where_another_server_listens) {
  boost::asio::io_context io_context;
  Config config = test::test_config();
  const auto first = open_listening_sockets(config, {std::ref(io_context)});  // with SO_REUSEPORT
  config.port = first.front().local_endpoint().port();
  EXPECT_EQ(error_of(config),
            "cannot listen on 127.0.0.1:" + std::to_string(config.port) + ": address already in use");
  config.host = "0.0.0.0";
  EXPECT_EQ(error_of(config),
            "cannot listen on 0.0.0.0:" + std::to_string(config.port) + ": address already in use");
}

TEST(ListeningSockets, share_a_port_with_another_server_when_both_allow_it) {
  boost::asio::io_context io_context;
  Config config = test::test_config();
  const auto first = open_listening_sockets(config, {std::ref(io_context)});
  config.port = first.front().local_endpoint().port();
  config.share_port = true;
  EXPECT_EQ(error_of(config), "");
}

TEST(ListeningSockets, say_what_is_wrong_with_the_address) {
  Config config = test::test_config();
  config.host = "192.0.2.1";  // TEST-NET-1, RFC 5737: nobody's
  config.port = 80;
  EXPECT_EQ(error_of(config), "cannot listen on 192.0.2.1:80: cannot assign requested address");
}

}  // namespace
}  // namespace chopin::server
