#include "server/metrics.hpp"

#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::server {
namespace {

bool has_line(std::string_view text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string_view::npos;
}

TEST(MetricsText, names_the_type_of_each_count_and_has_those_that_are_zero) {
  Metrics metrics{.counters = {},
                  .open_connections = 3,
                  .max_connections = 500,
                  .used_memory = 1 << 20,
                  .max_memory = 1 << 28};
  metrics.counters.requests = 12;
  metrics.counters.closed[static_cast<std::size_t>(connection::CloseReason::evicted)] = 2;
  metrics.counters.memory_stages[static_cast<std::size_t>(connection::MemoryStage::shed)] = 1;
  const std::string text = to_prometheus(metrics);
  for (const char* line :
       {"# TYPE chopin_requests_total counter", "chopin_requests_total 12",
        R"(chopin_requests_rejected_total{reason="host_missing"} 0)",
        R"(chopin_connections_closed_total{reason="evicted"} 2)",
        R"(chopin_memory_stages_total{stage="shed"} 1)", "# TYPE chopin_connections_open gauge",
        "chopin_connections_open 3", "chopin_connections_limit 500", "chopin_memory_used_bytes 1048576",
        "chopin_memory_limit_bytes 268435456"}) {
    EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
  }
  EXPECT_EQ(text.find(R"(reason="none")"), std::string::npos);
}

TEST(MetricsText, has_each_sample_once_and_after_the_type_of_its_name) {
  std::istringstream lines(to_prometheus({}));
  std::set<std::string> samples;
  std::string type;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) type = line.substr(7, line.rfind(' ') - 7);
    if (line.starts_with('#')) continue;
    EXPECT_EQ(line.substr(0, line.find_first_of("{ ")), type) << line;
    EXPECT_TRUE(samples.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
  EXPECT_GT(samples.size(), 60U);
}

TEST(MetricsRoute, shows_what_all_workers_have_counted) {
  for (const Mode mode : {Mode::performance, Mode::standard}) {
    Config config = test::test_config();
    config.mode = mode;
    config.workers = 2;
    config.metrics = true;
    test::LiveServer server(config);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(test::statuses_of(test::exchange(server.port(), "GET / HTTP/1.1\r\n\r\n")), std::vector{400});
    }
    test::RawClient client(server.port());
    client.send(test::get_json);
    EXPECT_EQ(client.read_response().status, 200);
    client.send(test::get("/metrics"));
    const test::Response response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_NE(response.head.find("Content-Type: text/plain; version=0.0.4; charset=utf-8"),
              std::string::npos);
    EXPECT_TRUE(has_line(response.body, R"(chopin_requests_rejected_total{reason="host_missing"} 3)"));
    EXPECT_TRUE(has_line(response.body, "chopin_connections_accepted_total 4")) << response.body;
  }
}

TEST(MetricsRoute, is_not_there_unless_it_is_wanted) {
  test::LiveServer server;
  EXPECT_EQ(test::ask(server.port(), test::get("/metrics")).status, 404);
}

TEST(MetricsRoute, does_not_take_the_place_of_another) {
  Router router;
  router.get("/metrics", [](const Request&, Response&) {});
  EXPECT_THROW(std::ignore = with_metrics(router, [] { return Metrics(); }), std::invalid_argument);
}

}  // namespace
}  // namespace chopin::server
