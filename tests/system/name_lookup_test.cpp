#include "system/name_lookup.hpp"

#include <string>

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

namespace chopin::system {
namespace {

TEST(NameLookup, finds_localhost_with_the_port_it_was_given) {
  const HostAddresses found = look_up_host("localhost", 8080);
  ASSERT_FALSE(found.error) << found.error.message();
  ASSERT_FALSE(found.endpoints.empty());
  for (const auto& endpoint : found.endpoints) {
    EXPECT_TRUE(endpoint.address().is_loopback()) << endpoint;
    EXPECT_EQ(endpoint.port(), 8080);
  }
}

TEST(NameLookup, refuses_what_getaddrinfo_would_take_for_another_name) {
  for (const std::string& host :
       {std::string(), std::string("localhost\0.example", 18), std::string(255, 'a')}) {
    const HostAddresses found = look_up_host(host, 80);
    EXPECT_EQ(found.error, boost::asio::error::host_not_found) << host.size();
    EXPECT_TRUE(found.endpoints.empty());
  }
}

TEST(NameLookup, reports_a_name_that_cannot_exist) {
  const HostAddresses found = look_up_host("no such host", 80);
  EXPECT_TRUE(found.error == boost::asio::error::host_not_found ||
              found.error == boost::asio::error::host_not_found_try_again)
      << found.error.message();
}

}  // namespace
}  // namespace chopin::system
