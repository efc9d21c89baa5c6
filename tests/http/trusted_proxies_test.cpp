#include "http/trusted_proxies.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

const TrustedProxies& own_network() {
  static const TrustedProxies proxies({"10.0.0.0/8", "192.0.2.7", "fd00::/9", "::1"});
  return proxies;
}

std::string client_of(const std::string& peer,
                      const std::vector<std::pair<std::string, std::string>>& given) {
  std::vector<Field> fields;
  for (const auto& [name, value] : given) fields.push_back({name, value});
  return own_network().client_of(*Peer::parse(peer), fields).address();
}

TEST(TrustedProxies, are_those_in_the_ranges) {
  for (const std::string inside : {"10.0.0.0", "10.255.255.255", "192.0.2.7", "fd7f:ffff::1", "::1"}) {
    EXPECT_TRUE(own_network().contains(*Peer::parse(inside))) << inside;
  }
  for (const std::string outside :
       {"9.255.255.255", "11.0.0.0", "192.0.2.6", "192.0.2.8", "fd80::1", "::2"}) {
    EXPECT_FALSE(own_network().contains(*Peer::parse(outside))) << outside;
  }
  EXPECT_FALSE(own_network().contains(Peer()));
  EXPECT_TRUE(TrustedProxies({"0.0.0.0/0"}).contains(*Peer::parse("8.8.8.8")));
  EXPECT_FALSE(TrustedProxies({"0.0.0.0/0"}).contains(*Peer::parse("2001:db8::1")));
  EXPECT_TRUE(TrustedProxies({"::/0"}).contains(*Peer::parse("8.8.8.8")));
}

TEST(TrustedProxies, are_given_as_addresses_or_ranges) {
  for (const std::string range : {"", "10.0.0.0/33", "::1/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1",
                                  "10.0.0.0/8/8", "localhost", "[::1]", "10.0.0.0 /8"}) {
    EXPECT_FALSE(fault_of_address_range(range).empty()) << range;
    EXPECT_THROW(TrustedProxies({range}), std::invalid_argument) << range;
  }
}

TEST(TrustedProxies, alone_are_believed) {
  EXPECT_EQ(client_of("198.51.100.1", {{"X-Forwarded-For", "203.0.113.9"}}), "198.51.100.1");
  EXPECT_EQ(client_of("198.51.100.1", {{"Forwarded", "for=203.0.113.9"}}), "198.51.100.1");
  EXPECT_EQ(client_of("10.1.1.1", {{"X-Forwarded-For", "203.0.113.9"}}), "203.0.113.9");
  EXPECT_EQ(client_of("::1", {{"Forwarded", "for=203.0.113.9"}}), "203.0.113.9");
  EXPECT_EQ(client_of("10.1.1.1", {}), "10.1.1.1");
}

TEST(TrustedProxies, are_passed_from_the_last_to_the_first_that_is_none) {
  EXPECT_EQ(client_of("10.1.1.1", {{"X-Forwarded-For", "1.2.3.4, 203.0.113.9, 10.2.2.2"}}), "203.0.113.9");
  EXPECT_EQ(
      client_of("10.1.1.1", {{"X-Forwarded-For", "1.2.3.4"}, {"x-forwarded-for", "203.0.113.9,10.2.2.2"}}),
      "203.0.113.9");
  EXPECT_EQ(client_of("10.1.1.1", {{"Forwarded", "for=1.2.3.4, for=203.0.113.9;proto=https;by=10.1.1.1"}}),
            "203.0.113.9");
  EXPECT_EQ(client_of("10.1.1.1", {{"X-Forwarded-For", "10.3.3.3, 10.2.2.2"}}), "10.3.3.3");
}

TEST(TrustedProxies, may_name_ports_and_addresses_in_brackets) {
  EXPECT_EQ(client_of("10.1.1.1", {{"X-Forwarded-For", "203.0.113.9:8080"}}), "203.0.113.9");
  EXPECT_EQ(client_of("10.1.1.1", {{"X-Forwarded-For", "2001:db8::9"}}), "2001:db8::9");
  EXPECT_EQ(client_of("10.1.1.1", {{"Forwarded", R"(For="[2001:db8::9]:4711")"}}), "2001:db8::9");
  const Field field{"Forwarded", R"(for="203.0.113.9:47011")"};
  EXPECT_EQ(own_network().client_of(*Peer::parse("10.1.1.1"), {&field, 1}).text(), "203.0.113.9:47011");
}

TEST(TrustedProxies, that_do_not_say_an_address_are_the_client_themselves) {
  for (const std::string value : {"unknown", "_hidden", "", "203.0.113.9:port", "203.0.113.9:65536", "[::9",
                                  "300.1.1.1", "203.0.113.9.1"}) {
    EXPECT_EQ(client_of("10.1.1.1", {{"X-Forwarded-For", "1.2.3.4, " + value}}), "10.1.1.1") << value;
  }
  EXPECT_EQ(client_of("10.1.1.1", {{"Forwarded", "by=10.1.1.1;proto=http"}}), "10.1.1.1");
  EXPECT_EQ(client_of("10.1.1.1", {{"X-Forwarded-For", "unknown, 10.2.2.2"}}), "10.2.2.2");
}

TEST(TrustedProxies, are_not_believed_if_their_two_fields_disagree) {
  EXPECT_EQ(client_of("10.1.1.1", {{"Forwarded", "for=6.6.6.6"}, {"X-Forwarded-For", "203.0.113.9"}}),
            "10.1.1.1");
  EXPECT_EQ(client_of("10.1.1.1", {{"Forwarded", "for=203.0.113.9"}, {"X-Forwarded-For", "203.0.113.9"}}),
            "203.0.113.9");
}

TEST(Peer, has_an_address_a_port_and_a_text) {
  const Peer v4 = *Peer::parse("192.0.2.1", 80);
  EXPECT_TRUE(v4.is_v4());
  EXPECT_EQ(v4.address(), "192.0.2.1");
  EXPECT_EQ(v4.text(), "192.0.2.1:80");
  EXPECT_EQ(v4, *Peer::parse("::ffff:192.0.2.1", 80));
  const Peer v6 = *Peer::parse("2001:DB8::1", 443);
  EXPECT_FALSE(v6.is_v4());
  EXPECT_EQ(v6.text(), "[2001:db8::1]:443");
  EXPECT_FALSE(Peer().is_known());
  EXPECT_EQ(Peer().text(), "");
  EXPECT_EQ(Peer().address(), "");
  for (const std::string no_address : {"", "localhost", "1.2.3", "::1%lo", "1.2.3.4 "}) {
    EXPECT_FALSE(Peer::parse(no_address)) << no_address;
  }
}

}  // namespace
}  // namespace chopin::http
