#include "connection/address_rate.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chopin::connection {
namespace {

Peer client_at(const std::string& address, std::uint16_t port = 1) {
  return *Peer::parse(address, port);
}

struct Rates : testing::Test {
  http::TrustedProxies proxies{{"192.0.2.0/28"}};
  AddressRate rate{2, proxies};
};

TEST_F(Rates, admit_what_may_come_in_a_second_and_then_no_more) {
  const Peer peer = client_at("198.51.100.1", 1);
  EXPECT_FALSE(rate.is_used_up(peer));
  EXPECT_TRUE(rate.take(peer));
  EXPECT_FALSE(rate.is_used_up(peer)) << "asking counts nothing";
  EXPECT_TRUE(rate.take(client_at("198.51.100.1", 2)));
  EXPECT_TRUE(rate.is_used_up(peer));
  EXPECT_FALSE(rate.take(peer));
  EXPECT_TRUE(rate.take(client_at("198.51.100.2"))) << "another one";
}

TEST_F(Rates, of_ipv6_are_those_of_the_first_64_bits) {
  EXPECT_TRUE(rate.take(client_at("2001:db8:0:1::1")));
  EXPECT_TRUE(rate.take(client_at("2001:db8:0:1:ffff::")));
  EXPECT_FALSE(rate.take(client_at("2001:db8:0:1::3")));
  EXPECT_TRUE(rate.take(client_at("2001:db8:0:2::1")));
}

TEST_F(Rates, of_trusted_proxies_and_unknown_peers_are_not_limited) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(rate.take(client_at("192.0.2.7")));
    EXPECT_TRUE(rate.take(Peer()));
  }
  EXPECT_FALSE(rate.is_used_up(client_at("192.0.2.7")));
  EXPECT_FALSE(rate.is_used_up(Peer()));
}

}  // namespace
}  // namespace chopin::connection
