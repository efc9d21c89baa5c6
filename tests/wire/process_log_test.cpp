#include <algorithm>
#include <csignal>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <gtest/gtest.h>

#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"
#include "wire/process_options.hpp"

namespace chopin::test {
namespace {

void stderr_to_stdout() {
  dup2(STDOUT_FILENO, STDERR_FILENO);
}

TEST(Process, logs_nothing_before_its_banner) {
  ProcessOptions options = with_arguments({"--workers", "1", "--backlog", "65535"});
  options.before_exec = stderr_to_stdout;
  ServerProcess server(options);
  ask(server.port(), get_json);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_EQ(server.out().find("chopin "), 0U) << server.out();
}

/// The log of a server for these requests, of which the last closes the connection.
std::string log_of(const std::string& requests, std::vector<std::string> arguments) {
  ServerProcess server({.arguments = std::move(arguments), .environment = {{"SERVER_PORT", "0"}}});
  exchange(server.port(), requests);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  return server.err();
}

std::vector<std::string> lines_with(const std::string& text, const std::string& part) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(part) != std::string::npos) found.push_back(line);
  }
  return found;
}

const std::string logged_requests =
    "POST /echo?q HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine\r\nContent-Length: 5\r\n\r\nhello"
    "GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

TEST(Process, logs_each_request_in_development) {
  const std::vector<std::string> lines = lines_with(log_of(logged_requests, {}), " method=");
  ASSERT_EQ(lines.size(), 2U);
  for (const char* part :
       {"info", "request method=POST target=/echo?q status=200 bytes=5 latency_us=", " request_id=mine"}) {
    EXPECT_NE(lines[0].find(part), std::string::npos) << part << " in " << lines[0];
  }
  EXPECT_NE(lines[1].find("request method=GET target=/nowhere status=404 bytes=92 latency_us="),
            std::string::npos)
      << lines[1];
}

TEST(Process, logs_no_request_in_other_environments) {
  for (const char* environment : {"production", "test"}) {
    const std::string log = log_of(logged_requests, {"--environment", environment, "--log-level", "trace"});
    EXPECT_EQ(log.find("/echo"), std::string::npos) << log;
    EXPECT_NE(log.find("served requests=2"), std::string::npos) << log;
  }
  EXPECT_EQ(
      log_of(logged_requests, {"--environment", "production", "--backlog", "128", "--database-url", "none"}),
      "");
}

TEST(Process, logs_requests_as_json_objects_with_log_format_json) {
  const std::vector<std::string> lines =
      lines_with(log_of(logged_requests, {"--log-format", "json"}), "\"method\"");
  ASSERT_EQ(lines.size(), 2U);
  std::istringstream text(lines[0]);
  boost::property_tree::ptree object;
  ASSERT_NO_THROW(boost::property_tree::read_json(text, object)) << lines[0];
  EXPECT_EQ(object.get<std::string>("level"), "info");
  EXPECT_EQ(object.get<std::string>("message"), "request");
  EXPECT_EQ(object.get<std::string>("method"), "POST");
  EXPECT_EQ(object.get<std::string>("target"), "/echo?q");
  EXPECT_EQ(object.get<int>("status"), 200);
  EXPECT_EQ(object.get<int>("bytes"), 5);
  EXPECT_GE(object.get<int>("latency_us"), 0);
  EXPECT_EQ(object.get<std::string>("request_id"), "mine");
}

TEST(Process, no_target_can_forge_a_log_line_or_a_field) {
  std::string requests;
  for (const char* target : {"/%0Ainfo%20request",
                             "/\xC2\x9B"
                             "31m",
                             "/a\x1B[31m", "/a\\nb", "/x\" status=999"}) {
    requests = std::string("GET ") + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
    EXPECT_EQ(log_of(requests, {"--backlog", "128"}).find("/"), std::string::npos) << "refused: " << target;
  }
  requests.clear();
  for (const char* target : {"/x\"status=999", "/?x=\"%20status=999"}) {
    requests += std::string("GET ") + target + " HTTP/1.1\r\nHost: h\r\nX-Request-Id: a status=999\r\n\r\n";
  }
  requests += "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const std::string text = log_of(requests, {});
  for (const char* field : {R"(target="/x\"status=999" status=404)",
                            R"(target="/?x=\"%20status=999" status=200)", "target=/last status=404"}) {
    EXPECT_EQ(lines_with(text, field).size(), 1U) << text;
  }
  EXPECT_EQ(lines_with(text, " status=999").size(), 0U) << text;
  const std::vector<std::string> objects =
      lines_with(log_of(requests, {"--log-format", "json"}), "\"target\"");
  ASSERT_EQ(objects.size(), 3U);
  std::istringstream line(objects[0]);
  boost::property_tree::ptree object;
  ASSERT_NO_THROW(boost::property_tree::read_json(line, object)) << objects[0];
  EXPECT_EQ(object.get<std::string>("target"), "/x\"status=999");
  EXPECT_EQ(object.get<int>("status"), 404);
}

TEST(Process, logs_one_json_object_per_line_with_log_format_json) {
  ServerProcess server(with_arguments({"--log-format", "json"}));
  server.port();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  std::istringstream lines(server.err());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    std::istringstream text(line);
    boost::property_tree::ptree object;
    ASSERT_NO_THROW(boost::property_tree::read_json(text, object)) << line;
    for (const char* name : {"time", "level", "message"}) EXPECT_EQ(object.count(name), 1U) << line;
  }
  EXPECT_GE(count, 2) << server.err();
}

/// The one object on stderr.
boost::property_tree::ptree only_object(const std::string& text) {
  EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  std::istringstream stream(text);
  boost::property_tree::ptree object;
  EXPECT_NO_THROW(boost::property_tree::read_json(stream, object)) << text;
  return object;
}

TEST(Process, says_why_it_cannot_start_in_an_object_with_log_format_json) {
  ServerProcess first(with_arguments({}));
  const std::string port = std::to_string(first.port());
  for (const auto& [arguments, environment, message] :
       std::vector<std::tuple<std::vector<std::string>, std::map<std::string, std::string>, std::string>>{
           {{"--port", port, "--backlog", "1"},
            {{"LOG_FORMAT", "json"}},
            "cannot listen on 127.0.0.1:" + port + ": address already in use"},
           {{},
            {{"LOG_FORMAT", "json"}, {"SERVER_WORKERS", "x"}},
            "SERVER_WORKERS: 'x' is not accepted; give 1..1024"},
           {{"--port", "x", "--log-format=json"}, {}, "--port: 'x' is not accepted; give 0..65535"}}) {
    const ProcessResult result = run_to_end({.arguments = arguments, .environment = environment});
    EXPECT_NE(result.status, 0);
    const auto object = only_object(result.err);
    EXPECT_EQ(object.get<std::string>("level", ""), "critical");
    EXPECT_EQ(object.get<std::string>("message", ""), message);
    EXPECT_EQ(object.get<std::string>("time", "").size(), 24U);
  }
}

}  // namespace
}  // namespace chopin::test
