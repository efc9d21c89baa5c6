#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <sched.h>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <vector>

#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <gtest/gtest.h>

#include "harness/counted_process.hpp"
#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

const std::map<std::string, std::string> performance{{"REUSEPORT", "true"}, {"SERVER_PORT", "0"}};

constexpr int not_permitted = 77;

ProcessOptions with_arguments(std::vector<std::string> arguments) {
  return {.arguments = std::move(arguments), .environment = performance};
}

TEST(Process, prints_what_runs_and_stops_cleanly) {
  ServerProcess server(with_arguments({"--workers", "2", "--pin-cpus", "true"}));
  EXPECT_EQ(ask(server.port(), get_json).status, 200);
  const std::string banner = server.out();
  for (const char* text :
       {"address    http://127.0.0.1:", "mode       performance", "class      prebuilt",
        "workers    2, on CPU ", "memory     ", "database   sqlite::memory:\n", "allocator  ", "build      ",
        "GET, HEAD  /json  application/json, 27 bytes", "GET, HEAD  /plaintext  text/plain, 13 bytes"}) {
    EXPECT_NE(banner.find(text), std::string::npos) << text << " in " << banner;
  }
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.err().find("served requests=1 connections=1"), std::string::npos) << server.err();
}

TEST(Process, says_that_its_workers_are_not_pinned) {
  ServerProcess server(with_arguments({"--workers", "1", "--pin-cpus", "false"}));
  server.port();
  EXPECT_NE(server.out().find("workers    1, not pinned\n"), std::string::npos) << server.out();
}

TEST(Process, prints_its_mode_and_response_class) {
  for (const auto& [arguments, mode, response_class] :
       std::vector<std::tuple<std::vector<std::string>, const char*, const char*>>{
           {{}, "mode       standard, environment development\n", "class      composed "},
           {{"--mode", "standard", "--environment", "test"},
            "mode       standard, environment test\n",
            "class      composed "},
           {{"--mode", "performance"},
            "mode       performance, environment development\n",
            "class      prebuilt "},
           {{"--mode", "perf", "--fast-routes", "composed"},
            "mode       performance, environment development\n",
            "class      composed "}}) {
    ServerProcess server({.arguments = arguments, .environment = {{"SERVER_PORT", "0"}}});
    EXPECT_EQ(ask(server.port(), get_json).status, 200);
    EXPECT_NE(server.out().find(mode), std::string::npos) << server.out();
    EXPECT_NE(server.out().find(response_class), std::string::npos) << server.out();
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
  }
}

#ifdef CHOPIN_COUNTING_PRELOAD  // sanitizers have to be loaded first themselves
TEST(Process, serves_where_another_malloc_comes_before_mimallocs) {
  ProcessOptions options = with_arguments({"--workers", "1"});
  options.environment["LD_PRELOAD"] = "libc.so.6";
  ServerProcess server(options);
  EXPECT_EQ(ask(server.port(), get_json).status, 200);
  EXPECT_EQ(server.out().find("allocator  mimalloc"), std::string::npos) << server.out();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}
#endif

/// Where the kernel takes as many as by default, there is nothing to say either.
TEST(Process, notes_that_the_kernel_cuts_the_backlog_and_warns_only_where_it_was_set) {
  constexpr const char* line = "the kernel cuts the backlog";
  unsigned most = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> most;
  for (const auto& [backlog, level] : {std::pair{8192U, "info"}, std::pair{65535U, "warn"}}) {
    ProcessOptions options = with_arguments({"--workers", "1"});
    if (backlog != 8192)
      options.arguments.insert(options.arguments.end(), {"--backlog", std::to_string(backlog)});
    ServerProcess server(options);
    ask(server.port(), get_json);
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
    const std::string log = server.err();
    const std::size_t found = log.find(line);
    EXPECT_EQ(found != std::string::npos, most < backlog) << log;
    if (found == std::string::npos) continue;
    const std::string line_so_far = log.substr(0, found).substr(log.rfind('\n', found) + 1);
    EXPECT_NE(line_so_far.find(level), std::string::npos) << log;
  }
}

TEST(Process, names_the_limit_of_open_files_that_is_too_low_for_its_start) {
  for (const std::uint64_t limit : {6U, 9U}) {
    ProcessOptions options = with_arguments({"--workers", "2"});
    options.descriptor_limit = limit;
    const ProcessResult result = run_to_end(options);
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find("the limit is " + std::to_string(limit)), std::string::npos) << result.err;
  }
}

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

/// In a network of its own, whose loopback interface is down: 127.0.0.1 can be listened on, ::1 cannot.
void without_ipv6() {
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) _exit(not_permitted);
}

TEST(Process, listens_on_the_other_loopback_address_where_ipv6_is_missing_and_notes_it) {
  ProcessOptions options = with_arguments({"--workers", "1", "--host", "localhost"});
  options.before_exec = without_ipv6;
  options.arguments.emplace_back("--help");
  if (run_to_end(options).status == not_permitted) GTEST_SKIP() << "networks are not permitted here";
  options.arguments.pop_back();
  ServerProcess server(options);
  EXPECT_NE(server.port(), 0);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.err().find(" info not listening on an address address=[::1]:"), std::string::npos)
      << server.err();
}

void to_a_full_device() {
  dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
}

void without_stdout() {
  close(STDOUT_FILENO);
}

TEST(Process, fails_if_what_was_asked_for_cannot_be_printed) {
  for (const std::string argument : {"--version", "--help", "doctor"}) {
    const ProcessResult result = run_to_end({.arguments = {argument}, .before_exec = to_a_full_device});
    EXPECT_EQ(result.status, 1) << argument;
    EXPECT_EQ(result.err, "chopin: stdout: No space left on device\n") << argument;
    const ProcessResult closed = run_to_end({.arguments = {argument}, .before_exec = without_stdout});
    EXPECT_EQ(closed.status, 1) << argument;
    EXPECT_EQ(closed.err, "chopin: stdout: Bad file descriptor\n") << argument;
  }
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

TEST(Process, names_the_threads_of_its_workers) {
  ServerProcess server(with_arguments({"--workers", "2"}));
  server.port();  // once it has said so, they run
  std::set<std::string> names;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(server.pid()) + "/task")) {
    std::ifstream file(thread.path() / "comm");
    std::string name;
    std::getline(file, name);
    names.insert(name);
  }
  EXPECT_TRUE(names.contains("worker 1") && names.contains("worker 2")) << names.size();
}

TEST(Process, counts_what_it_has_refused_by_kind) {
  ServerProcess server(with_arguments({}));
  ask(server.port(), "GET / HTTP/1.1\r\n\r\n");
  ask(server.port(), "GET / HTTP/9.9\r\nHost: h\r\n\r\n");
  ask(server.port(), "GET / HTTP/9.9\r\nHost: h\r\n\r\n");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.err().find(" rejected.host_missing=1 rejected.version_unsupported=2"), std::string::npos)
      << server.err();
}

TEST(Process, prints_help_or_version_and_ends) {
  const ProcessResult help = run_to_end({.arguments = {"--help"}});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("--port"), std::string::npos);
  const ProcessResult version = run_to_end(with_arguments({"--version"}));
  EXPECT_EQ(version.status, 0);
  for (const char* text : {"chopin 0.", "commit     ", "compiler   ", "flags      ", "boost      1.",
                           "allocator  ", "class      prebuilt"}) {
    EXPECT_NE(version.out.find(text), std::string::npos) << text << " in " << version.out;
  }
}

TEST(Process, ends_with_2_and_one_line_about_a_setting_it_cannot_use) {
  const ProcessResult result = run_to_end(with_arguments({"--port", "x"}));
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, "chopin: --port: 'x' is not accepted; give 0..65535\n");
  EXPECT_EQ(run_to_end(with_arguments({"--nonsense"})).status, 2);
  EXPECT_EQ(run_to_end(with_arguments({"--mode", "standard"})).status, 2);
}

TEST(Process, reads_settings_from_dotenv_and_from_a_config_file) {
  ServerProcess server(
      {.arguments = {"--config", "chopin.conf"},
       .files = {{".env", "REUSEPORT=true\nSERVER_PORT=0\nJWT_SECRET=0123456789abcdef0123456789abcdef\n"},
                 {"chopin.conf", "port = overruled\nenvironment = production\nbacklog = 128\n"}}});
  EXPECT_EQ(ask(server.port(), get_json).status, 200);
  EXPECT_NE(server.out().find("mode       performance, environment production\n"), std::string::npos)
      << server.out();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_EQ(server.err(), "") << "production logs warnings at least";
}

TEST(Process, starts_whatever_else_is_in_dotenv_and_warns_of_what_it_ignores) {
  ServerProcess server({.arguments = {"--port", "0"},
                        .environment = {{"CHOPIN_ENVIRONMENT", "prod"}, {"CHOPIN_PORT", "1"}},
                        .files = {{".env",
                                   "\xef\xbb\xbf"
                                   "FOO\nKEY=\"a\nb\nMSG='it'\\''s'\nSERVER_PORT: 80\n"}}});
  EXPECT_EQ(ask(server.port(), get_json).status, 200);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.err().find("CHOPIN_PORT: there is no such setting\n"), std::string::npos) << server.err();
  EXPECT_NE(server.err().find(".env, line 5: not NAME=VALUE; it is ignored\n"), std::string::npos)
      << server.err();
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

TEST(Process, ends_with_1_when_another_server_has_the_port_unless_both_share_it) {
  ServerProcess first(with_arguments({}));
  const std::string port = std::to_string(first.port());
  const ProcessResult second = run_to_end(with_arguments({"--port", port}));
  EXPECT_EQ(second.status, 1);
  EXPECT_EQ(second.err, "chopin: cannot listen on 127.0.0.1:" + port + ": address already in use\n");
  ServerProcess sharing(with_arguments({"--port", port, "--share-port"}));
  EXPECT_EQ(std::to_string(sharing.port()), port);
}

TEST(Process, out_of_descriptors_it_pauses_without_spinning_and_resumes) {
  ProcessOptions options =
      with_arguments({"--workers", "1", "--log-level", "warn", "--max-connections", "100"});
  options.descriptor_limit = 40;
  ServerProcess server(options);
  const std::uint16_t port = server.port();
  std::vector<RawClient> clients;
  for (int i = 0; i < 60; ++i) {
    clients.emplace_back(port);
    clients.back().send(get_json);
  }
  EXPECT_EQ(clients.front().read_response().status, 200);
  while (server.err().find("accepting pauses") == std::string::npos) std::this_thread::sleep_for(5ms);
  const std::uint64_t before = server.cpu_ticks();
  EXPECT_TRUE(clients.back().is_silent_for(1500ms));
  EXPECT_LE(server.cpu_ticks() - before, 30U);  // a spinning thread would use 150
  clients.front().reset();                      // room for the others, which are served one after the other
  for (std::size_t i = 1; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i].read_response().status, 200);
    clients[i].reset();
  }
}

#ifdef CHOPIN_COUNTING_PRELOAD

std::string burst_of(int count) {
  std::string burst;
  for (int i = 0; i < count; ++i)
    burst += i % 2 == 0 ? get_json : "GET /plaintext?q HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
  return burst;
}

TEST_F(CountedProcess, ten_thousand_requests_take_no_memory_from_the_heap) {
  RawClient client(server_.port());
  exchange_bursts(client, get_json, 1, 100);
  exchange_bursts(client, burst_of(16), 16, 10);
  EXPECT_GT(counts_->allocations, 0U) << "the server's allocations are not counted";
  const std::uint64_t warm = counts_->allocations;
  exchange_bursts(client, get_json, 1, 10'000);
  EXPECT_EQ(counts_->allocations - warm, 0U) << "plain";
  exchange_bursts(client, burst_of(16), 16, 625);
  EXPECT_EQ(counts_->allocations - warm, 0U) << "pipelined";
}

struct Composing {
  std::vector<std::string> arguments;
  std::string path;
};

std::ostream& operator<<(std::ostream& out, const Composing& composing) {
  return out << composing.path << " in " << composing.arguments[1];
}

class ComposingProcess : public CountedProcess, public testing::WithParamInterface<Composing> {
 protected:
  ComposingProcess() : CountedProcess(GetParam().arguments) {}
};

const std::vector<std::string> prebuilt_flags{"--mode", "performance", "--environment", "production"};
const std::vector<std::string> composed_flags{"--mode",     "performance",   "--environment",
                                              "production", "--fast-routes", "composed"};
const std::vector<std::string> standard_flags{"--mode", "standard", "--environment", "production"};

INSTANTIATE_TEST_SUITE_P(Runtimes, ComposingProcess,
                         testing::Values(Composing{prebuilt_flags, "/"}, Composing{composed_flags, "/"},
                                         Composing{composed_flags, "/json"},
                                         Composing{composed_flags, "/plaintext"},
                                         Composing{standard_flags, "/"}, Composing{standard_flags, "/json"},
                                         Composing{standard_flags, "/plaintext"}));

TEST_P(ComposingProcess, ten_thousand_requests_take_no_memory_from_the_heap) {
  RawClient client(server_.port());
  const std::string one = "GET " + GetParam().path + " HTTP/1.1\r\nHost: h\r\n\r\n";
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += one;
  exchange_bursts(client, one, 1, 100);
  exchange_bursts(client, sixteen, 16, 10);
  EXPECT_GT(counts_->allocations, 0U) << "the server's allocations are not counted";
  const std::uint64_t warm = counts_->allocations;
  exchange_bursts(client, one, 1, 10'000);
  EXPECT_EQ(counts_->allocations - warm, 0U) << "plain";
  exchange_bursts(client, sixteen, 16, 625);
  EXPECT_EQ(counts_->allocations - warm, 0U) << "pipelined";
}

TEST_F(CountedProcess, a_burst_takes_one_read_and_one_write) {
  RawClient client(server_.port());
  exchange_bursts(client, get_json, 1, 1);
  for (const int depth : {1, 16, 64}) {
    const std::uint64_t reads = counts_->reads;
    const std::uint64_t writes = counts_->writes;
    exchange_bursts(client, burst_of(depth), depth, 100);
    EXPECT_EQ(counts_->reads - reads, 100U) << depth;
    EXPECT_EQ(counts_->writes - writes, 100U) << depth;
  }
}

TEST_F(CountedProcess, out_of_memory_in_a_burst_no_response_goes_to_another_client) {
  RawClient unlucky(server_.port());
  RawClient other(server_.port());
  exchange_bursts(unlucky, get_json, 1, 1);
  exchange_bursts(other, get_json, 1, 1);
  counts_->fail_next_allocation = true;  // for the state of an unfinished body
  unlucky.send(
      "GET /plaintext HTTP/1.1\r\nHost: h\r\n\r\nPOST /json HTTP/1.1\r\nHost: h\r\nContent-Length: "
      "9\r\n\r\nab");
  while (counts_->fail_next_allocation) std::this_thread::sleep_for(1ms);
  other.send(get_json);
  EXPECT_EQ(other.read_response().body, R"({"message":"Hello, World!"})");
  EXPECT_TRUE(other.is_silent_for(20ms));
}

TEST_F(CountedProcess, goes_on_accepting_after_an_error_of_one_connection) {
  const std::uint16_t port = server_.port();
  for (const int error : {ECONNABORTED, ECONNRESET, EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ENONET,
                          ENOPROTOOPT, EOPNOTSUPP, EPERM, EPROTO, ETIMEDOUT, EINTR}) {
    counts_->next_accept_error = error;
    EXPECT_EQ(ask(port, get_json).status, 200);
    EXPECT_EQ(counts_->next_accept_error, 0);
  }
  EXPECT_EQ(server_.err().find("accepting pauses"), std::string::npos) << server_.err();
  counts_->next_accept_error = ENOBUFS;
  EXPECT_EQ(ask(port, get_json).status, 200) << "at the next tick";
  server_.signal(SIGTERM);
  EXPECT_EQ(server_.wait(), 0);
  EXPECT_NE(server_.err().find("accepting pauses error=\"No buffer space available\""), std::string::npos)
      << server_.err();
}

TEST_F(CountedProcess, names_the_call_that_fails_for_a_new_connection) {
  const std::uint16_t port = server_.port();
  counts_->next_watch_error = ENOSPC;
  EXPECT_EQ(RawClient(port).read_to_end(), "");
  EXPECT_EQ(ask(port, get_json).status, 200) << "at the next tick";
  server_.signal(SIGTERM);
  EXPECT_EQ(server_.wait(), 0);
  EXPECT_NE(server_.err().find("accepting pauses error=\"epoll_ctl: No space left on device\""),
            std::string::npos)
      << server_.err();
}

TEST_F(CountedProcess, a_stop_ends_whichever_allocation_fails) {
  for (int which = 1; which <= 30; ++which) {
    ServerProcess server(options({}));
    RawClient half(server.port());
    half.send(get_json + "GET /js");
    EXPECT_EQ(half.read_response().status, 200);
    counts_->allocation_to_fail = which;
    server.signal(SIGTERM);
    half.reset();
    EXPECT_EQ(server.wait(), 0) << which << server.err();
    counts_->allocation_to_fail = 0;
  }
}

TEST_F(CountedProcess, out_of_memory_for_a_connection_the_next_one_is_served) {
  const std::uint16_t port = server_.port();
  for (int i = 0; i < 3; ++i) {
    exchange(port, "GET /json HTTP/1.0\r\n\r\n");
    counts_->fail_next_allocation = true;
    RawClient unlucky(port);
    while (counts_->fail_next_allocation) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(ask(port, get_json).status, 200);
  }
}

#endif

}  // namespace
}  // namespace chopin::test
