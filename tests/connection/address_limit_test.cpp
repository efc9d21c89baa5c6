#include "connection/address_limit.hpp"

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace chopin::connection {
namespace {

Peer peer_at(const std::string& address, std::uint16_t port = 1) {
  return *Peer::parse(address, port);
}

struct Addresses : testing::Test {
  http::TrustedProxies proxies{{"192.0.2.0/28"}};
  AddressLimit limit{2, proxies};
};

TEST_F(Addresses, may_have_as_many_connections_as_the_limit_and_no_more) {
  EXPECT_TRUE(limit.take(peer_at("198.51.100.1", 1)));
  EXPECT_TRUE(limit.take(peer_at("198.51.100.1", 2)));
  EXPECT_FALSE(limit.take(peer_at("198.51.100.1", 3)));
  EXPECT_TRUE(limit.take(peer_at("198.51.100.2"))) << "another one";
  limit.give_back(peer_at("198.51.100.1", 1));
  EXPECT_TRUE(limit.take(peer_at("198.51.100.1", 4)));
  EXPECT_FALSE(limit.take(peer_at("198.51.100.1", 5)));
}

TEST_F(Addresses, of_ipv6_count_by_their_first_64_bits) {
  EXPECT_TRUE(limit.take(peer_at("2001:db8:0:1::1")));
  EXPECT_TRUE(limit.take(peer_at("2001:db8:0:1:ffff::")));
  EXPECT_FALSE(limit.take(peer_at("2001:db8:0:1::3")));
  EXPECT_TRUE(limit.take(peer_at("2001:db8:0:2::1")));
}

TEST_F(Addresses, are_forgotten_with_their_last_connection) {
  for (int i = 0; i < 256; ++i) EXPECT_TRUE(limit.take(peer_at("203.0.113." + std::to_string(i))));
  EXPECT_EQ(limit.addresses(), 256U);
  for (int i = 0; i < 256; ++i) limit.give_back(peer_at("203.0.113." + std::to_string(i)));
  EXPECT_EQ(limit.addresses(), 0U);
}

TEST_F(Addresses, of_trusted_proxies_and_unknown_ones_are_not_limited) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(limit.take(peer_at("192.0.2.7")));
    EXPECT_TRUE(limit.take(Peer()));
  }
  EXPECT_EQ(limit.addresses(), 0U);
  limit.give_back(peer_at("192.0.2.7"));
  limit.give_back(Peer());
}

TEST_F(Addresses, are_counted_right_by_several_threads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 10'000; ++i) {
        const Peer one = peer_at("203.0.113." + std::to_string(i % 8));
        if (limit.take(one)) limit.give_back(one);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(limit.addresses(), 0U);
}

}  // namespace
}  // namespace chopin::connection
