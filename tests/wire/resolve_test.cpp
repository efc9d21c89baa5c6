#include "chopin/resolve.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <netdb.h>
#include <string>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "harness/forked_server.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace {

std::atomic<int> lookups = 0;

}  // namespace

/// In place of the C library's for this program: a name server that never responds, for one name.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result) {
  ++lookups;
  if (name != nullptr && std::strcmp(name, "hangs.test") == 0) {
    for (;;) pause();
  }
  static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(name, service, hints, result);
}

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

Task<> list_addresses(const chopin::Request& request, chopin::Response& response) {
  const std::string host(request.param("host"));
  std::int64_t patience = 5000;
  request.query_parameters().optional("patience", patience).check();
  std::string text;
  try {
    for (const auto& endpoint : co_await resolve(host, 80, std::chrono::milliseconds(patience))) {
      text += endpoint.address().to_string() + ":" + std::to_string(endpoint.port()) + " ";
    }
  } catch (const boost::system::system_error& error) {
    text = error.code() == boost::asio::error::timed_out ? "timed out" : error.code().message();
  }
  response.text(text);
}

Router resolving() {
  Router router;
  router.get("/{host}", list_addresses);
  return router;
}

std::string body_of(const LiveServer& server, const std::string& path) {
  RawClient client(server.port());
  client.send(get(path));
  return client.read_response().body;
}

TEST(Resolve, gives_a_handler_the_addresses_of_a_name) {
  const LiveServer server(test_config(), resolving());
  const int before = lookups;
  const std::string text = body_of(server, "/localhost");
  EXPECT_TRUE(text.find("127.0.0.1:80 ") != std::string::npos || text.find("::1:80 ") != std::string::npos)
      << text;
  EXPECT_EQ(lookups, before + 1);
}

TEST(Resolve, reads_addresses_in_digits_without_the_thread) {
  const LiveServer server(test_config(), resolving());
  const int before = lookups;
  EXPECT_EQ(body_of(server, "/192.0.2.1"), "192.0.2.1:80 ");
  EXPECT_EQ(body_of(server, "/2001:db8::1"), "2001:db8::1:80 ");
  EXPECT_EQ(lookups, before);
}

// In a process of its own, for the thread hangs for ever.
TEST(Resolve, ends_when_its_time_is_over_and_holds_up_no_stop) {
  ForkedServer server(test_config(), resolving(), run_until_signalled);
  RawClient client(server.port());
  client.send(get("/hangs.test?patience=50"));
  EXPECT_EQ(client.read_response().body, "timed out");
  client.send(get("/localhost?patience=50"));
  EXPECT_EQ(client.read_response().body, "timed out") << "a lookup at a time";
  client.send(get("/127.0.0.1"));
  EXPECT_EQ(client.read_response().body, "127.0.0.1:80 ");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

Task<> wait_long(const chopin::Request& /*request*/, chopin::Response& response) {
  co_await resolve("hangs.test", 80, 1h);
  response.text("found");
}

TEST(Resolve, is_cancelled_with_the_handler_that_awaits_it) {
  Router router;
  router.get("/", wait_long);
  Config config = test_config();
  config.timeouts.handler = 1s;
  ForkedServer server(config, std::move(router), run_until_signalled);
  RawClient client(server.port());
  client.send(get("/"));
  EXPECT_EQ(client.read_response().status, 503);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

}  // namespace
}  // namespace chopin::test
