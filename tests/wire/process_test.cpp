#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "harness/raw_client.hpp"
#include "harness/server_process.hpp"
#include "wire/process_options.hpp"

namespace chopin::test {
namespace {

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

}  // namespace
}  // namespace chopin::test
