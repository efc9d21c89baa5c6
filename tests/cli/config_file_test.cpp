#include "cli/config_file.hpp"

#include <filesystem>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "cli/reading.hpp"

namespace chopin::cli {
namespace {

using Values = std::map<std::string, std::string>;

std::string fault_in(const std::string& text) {
  try {
    parse_config_file(text, "a.conf");
    return {};
  } catch (const SettingsError& error) {
    return error.what();
  }
}

TEST(ConfigFile, consists_of_lines_of_key_and_value) {
  EXPECT_EQ(parse_config_file("", "a.conf"), Values{});
  EXPECT_EQ(parse_config_file("# a comment\n; another\n\nport = 3000 # why\r\nhost=\"::1\"\n[default]\n"
                              "idle-timeout = '1m'\nshare-port",
                              "a.conf"),
            (Values{{"port", "3000"}, {"host", "::1"}, {"idle-timeout", "1m"}, {"share-port", "true"}}));
}

TEST(ConfigFile, may_begin_with_a_byte_order_mark) {
  EXPECT_EQ(parse_config_file("\xef\xbb\xbfport = 4301\n", "a.conf"), (Values{{"port", "4301"}}));
  EXPECT_EQ(parse_config_file("\xef\xbb\xbf# a comment\nport = 4301\n", "a.conf"),
            (Values{{"port", "4301"}}));
}

TEST(ConfigFile, keeps_values_whole) {
  EXPECT_EQ(parse_config_file("port = [30\nhost = 1, 2\nworkers = 3 4\nmode =", "a.conf"),
            (Values{{"port", "[30"}, {"host", "1, 2"}, {"workers", "3 4"}, {"mode", ""}}));
  EXPECT_EQ(error_of({.config_file = "port ="}), "port in chopin.conf: '' is not accepted; give 0..65535");
}

TEST(ConfigFile, refuses_unknown_keys) {
  for (const std::string key : {"PORT", "SERVER_PORT", "config", "server.port", "++"}) {
    EXPECT_EQ(fault_in("port = 1\n" + key + " = 1"), key + " in a.conf: there is no such setting");
  }
  for (const std::string key : {"prot", "--port", "port."}) {
    EXPECT_EQ(fault_in(key + " = 1"), key + " in a.conf: there is no such setting, did you mean port");
  }
  EXPECT_EQ(fault_in("[server]\nport = 1"), "[server] in a.conf: there are no sections");
  EXPECT_EQ(fault_in("[a.b]"), "[a.b] in a.conf: there are no sections");
}

TEST(ConfigFile, refuses_lines_that_set_nothing) {
  for (const std::string line :
       {"[", "]", "[]", "++", "--", "=", "[port", "\"", "'", "x", "no", "p=", "=1"}) {
    EXPECT_EQ(fault_in("port = 1\n " + line + " \r\nworkers = 1"),
              "line 2 of a.conf: '" + line + "' is not name = value");
  }
}

TEST(ConfigFile, refuses_a_repeated_key) {
  EXPECT_EQ(fault_in("port = 1\nport = 2"), "port in a.conf: given more than once");
  EXPECT_EQ(fault_in("port = 1\nworkers = 1\nport = 2"), "port in a.conf: given more than once");
}

TEST(ConfigFile, must_exist_and_be_readable) {
  EXPECT_EQ(error_of({.flags = {"--config", "b.conf"}}), "--config: there is no file b.conf");
  EXPECT_EQ(error_of({.flags = {"--config", "."}}), "cannot read .: Is a directory");
  EXPECT_EQ(error_of({.flags = {"--config", ""}}), "--config: '' is not accepted; give a path");
  EXPECT_NE(error_of({.flags = {"--config"}}), "");
}

}  // namespace
}  // namespace chopin::cli
