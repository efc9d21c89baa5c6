#include "cli/dotenv.hpp"

#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <variant>

#include <gtest/gtest.h>

#include "cli/reading.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::cli {
namespace {

Variables values_in(std::string_view text) {
  return parse_dotenv(text).values;
}

std::string fault_of_line(std::string_view text) {
  try {
    static_cast<void>(parse_dotenv(text));
    return {};
  } catch (const SettingsError& error) {
    return error.what();
  }
}

TEST(Dotenv, consists_of_lines_of_name_and_value) {
  EXPECT_EQ(values_in(""), Variables{});
  EXPECT_EQ(values_in("A=1\nB=2"), (Variables{{"A", "1"}, {"B", "2"}}));
  EXPECT_EQ(values_in("A=1\r\n\r\nB=2\r\n"), (Variables{{"A", "1"}, {"B", "2"}}));
  EXPECT_EQ(values_in("A=\nB=x=y"), (Variables{{"A", ""}, {"B", "x=y"}}));
  EXPECT_EQ(values_in("A=1\nA=2\n"), (Variables{{"A", "2"}}));
}

TEST(Dotenv, ignores_surrounding_white_space) {
  EXPECT_EQ(values_in(" \t\n\t A \t= \t1 2\t \n"), (Variables{{"A", "1 2"}}));
}

TEST(Dotenv, lines_may_begin_with_export) {
  EXPECT_EQ(values_in("export A=1\nexport\t B = 2\nexport=3\nexported=4"),
            (Variables{{"A", "1"}, {"B", "2"}, {"export", "3"}, {"exported", "4"}}));
}

TEST(Dotenv, keeps_quoted_text_as_it_is) {
  EXPECT_EQ(values_in("A=\" 1 # \"\nB='\"2\"' # two\nC=\"\\n$A\"\nD=''\nE=it's"),
            (Variables{{"A", " 1 # "}, {"B", "\"2\""}, {"C", "\\n$A"}, {"D", ""}, {"E", "it's"}}));
}

TEST(Dotenv, has_comments_at_the_start_of_a_line_and_after_white_space) {
  EXPECT_EQ(values_in("# A=1\n  #\nB=2 # two\nC=#3\nD=4#4\t#four\nE= # five"),
            (Variables{{"B", "2"}, {"C", "#3"}, {"D", "4#4"}, {"E", ""}}));
}

TEST(Dotenv, skips_a_byte_order_mark) {
  EXPECT_EQ(values_in("\xef\xbb\xbfSERVER_PORT=4300\n"), (Variables{{"SERVER_PORT", "4300"}}));
  EXPECT_EQ(values_in("\xef\xbb\xbf# A comment\nA=1"), (Variables{{"A", "1"}}));
}

TEST(Dotenv, resolves_escaped_quotes_and_backslashes_within_double_quotes) {
  EXPECT_EQ(values_in(R"(CRED="{\"type\":\"\\x\"}" # JSON)"), (Variables{{"CRED", R"({"type":"\x"})"}}));
  EXPECT_EQ(values_in(R"(A='\')"), (Variables{{"A", "\\"}}));
}

TEST(Dotenv, quotes_may_enclose_several_lines) {
  EXPECT_EQ(
      values_in("KEY=\"-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\"\nB='1\n2'\nC=3\n"),
      (Variables{{"KEY", "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----"},
                 {"B", "1\n2"},
                 {"C", "3"}}));
}

TEST(Dotenv, skips_every_line_that_sets_none_of_our_variables) {
  for (const char* line :
       {"FOO", "export FOO", "FOO: bar", "A B=1", "MSG='it'\\''s'", "foo/bar=1", "FOO+=1", "=1", "'A'=1",
        "export B C=1", "\"=\"", "A=\"", "A='1", "A=\"1'", "A=\"1\"2", "{}", "\x01\xff"}) {
    const std::string text = std::string(line) + "\nSERVER_PORT=4302\n";
    EXPECT_EQ(fault_of_line(text), "") << line;
    EXPECT_EQ(values_in(text)["SERVER_PORT"], "4302") << line;
    EXPECT_EQ(parse_dotenv(text).warnings, Warnings{}) << line;
  }
}

TEST(Dotenv, warns_of_a_line_that_begins_with_one_of_our_variables_without_setting_it) {
  for (const char* line : {"SERVER_PORT: 80", "SERVER_PORT", "export SERVER_PORT", "CHOPIN_SERVER_PORT 80",
                           "LOG_LEVEL+=1", "REUSEPORT true=1"}) {
    EXPECT_EQ(parse_dotenv("A=\"1\n2\"\n" + std::string(line) + "\nB=1").warnings,
              Warnings{".env, line 3: not NAME=VALUE; it is ignored"})
        << line;
  }
}

TEST(Dotenv, refuses_one_of_our_variables_whose_value_is_not_enclosed_by_its_quotes) {
  for (const char* line : {"SERVER_PORT=\"", "LOG_LEVEL='1", "CHOPIN_LOG_LEVEL=\"1'", "SERVER_PORT=\"1\"2"}) {
    EXPECT_EQ(fault_of_line("A=1\n\n" + std::string(line) + "\n"),
              ".env, line 3: quotes do not enclose the value")
        << line;
  }
}

TEST(Dotenv, in_utf_16_is_ignored_with_a_warning) {
  EXPECT_EQ(parse_dotenv(std::string_view("\xff\xfe"
                                          "A\0=\0"
                                          "1\0",
                                          8))
                .warnings,
            Warnings{".env is UTF-16 instead of UTF-8; it is ignored"});
}

TEST(Dotenv, that_is_no_readable_file_does_not_stop_the_start) {
  const char* const arguments[] = {"chopin", "--port", "5000"};
  const auto start_in = [&](const std::string& folder) {
    return std::get<ServerWanted>(read_command_line(3, arguments, {}, folder));
  };
  const test::TemporaryFolder folder;
  folder.write(".env/pyvenv.cfg", "home = /usr/bin\n");
  EXPECT_EQ(start_in(folder.path()).config.port, 5000);
  EXPECT_EQ(start_in(folder.path()).warnings, Warnings{});
  EXPECT_EQ(start_in(folder.path() + "/gone").warnings, Warnings{});
  EXPECT_EQ(start_in(folder.path() + "/.env/pyvenv.cfg").warnings, Warnings{}) << "no folder";
  const test::TemporaryFolder odd;
  const std::string path = odd.path() + "/.env";
  ASSERT_EQ(symlink(".env", path.c_str()), 0);
  EXPECT_EQ(start_in(odd.path()).warnings,
            Warnings{"cannot read .env: Too many levels of symbolic links; it is ignored"});
  odd.remove(".env");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(start_in(odd.path()).warnings, Warnings{"cannot read .env: not a regular file; it is ignored"});
  odd.remove(".env");
  odd.write(".env", std::string((1 << 20) + 1, '#'));
  EXPECT_EQ(start_in(odd.path()).warnings, Warnings{"cannot read .env: larger than 1 MiB; it is ignored"});
}

/// As another user where that is possible, for nothing is unreadable to root.
TEST(Dotenv, that_may_not_be_read_or_searched_for_does_not_stop_the_start) {
  const test::TemporaryFolder folder;
  folder.write(".env", "SERVER_PORT=1\n");
  chmod(folder.path().c_str(), 0755);
  const bool is_root = geteuid() == 0;
  for (const std::string& path : {folder.path() + "/.env", folder.path()}) {
    ASSERT_EQ(chmod(path.c_str(), 0), 0);
    ASSERT_EQ(seteuid(is_root ? 65534 : geteuid()), 0);
    Warnings warnings;
    from_dotenv(folder.path(), warnings);
    ASSERT_EQ(seteuid(is_root ? 0 : geteuid()), 0);
    EXPECT_EQ(warnings, Warnings{"cannot read .env: Permission denied; it is ignored"});
  }
  chmod(folder.path().c_str(), 0700);
}

TEST(Dotenv, is_optional_and_may_contain_unknown_names) {
  EXPECT_EQ(settings({.dotenv = {}}).port, 3000);
  EXPECT_EQ(settings({.dotenv = "PATH=/bin\nport=1\nSERVER_PORT=4000\n"}).port, 4000);
}

}  // namespace
}  // namespace chopin::cli
