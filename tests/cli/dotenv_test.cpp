#include "cli/dotenv.hpp"

#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "cli/reading.hpp"

namespace chopin::cli {
namespace {

using Values = std::map<std::string, std::string>;

std::string fault_in(std::string_view text) {
  try {
    parse_dotenv(text);
    return {};
  } catch (const SettingsError& error) {
    return error.what();
  }
}

TEST(Dotenv, consists_of_lines_of_name_and_value) {
  EXPECT_EQ(parse_dotenv(""), Values{});
  EXPECT_EQ(parse_dotenv("A=1\nB=2"), (Values{{"A", "1"}, {"B", "2"}}));
  EXPECT_EQ(parse_dotenv("A=1\r\n\r\nB=2\r\n"), (Values{{"A", "1"}, {"B", "2"}}));
  EXPECT_EQ(parse_dotenv("A=\nB=x=y"), (Values{{"A", ""}, {"B", "x=y"}}));
  EXPECT_EQ(parse_dotenv("A=1\nA=2\n"), (Values{{"A", "2"}}));
}

TEST(Dotenv, ignores_surrounding_white_space) {
  EXPECT_EQ(parse_dotenv(" \t\n\t A \t= \t1 2\t \n"), (Values{{"A", "1 2"}}));
}

TEST(Dotenv, lines_may_begin_with_export) {
  EXPECT_EQ(parse_dotenv("export A=1\nexport\t B = 2\nexport=3\nexported=4"),
            (Values{{"A", "1"}, {"B", "2"}, {"export", "3"}, {"exported", "4"}}));
}

TEST(Dotenv, keeps_quoted_text_as_it_is) {
  EXPECT_EQ(parse_dotenv("A=\" 1 # \"\nB='\"2\"' # two\nC=\"\\n$A\"\nD=''\nE=it's"),
            (Values{{"A", " 1 # "}, {"B", "\"2\""}, {"C", "\\n$A"}, {"D", ""}, {"E", "it's"}}));
}

TEST(Dotenv, has_comments_at_the_start_of_a_line_and_after_white_space) {
  EXPECT_EQ(parse_dotenv("# A=1\n  #\nB=2 # two\nC=#3\nD=4#4\t#four\nE= # five"),
            (Values{{"B", "2"}, {"C", "#3"}, {"D", "4#4"}, {"E", ""}}));
}

TEST(Dotenv, names_the_number_of_a_malformed_line_but_not_its_text) {
  EXPECT_EQ(fault_in("A=1\n\nsecret\n"), ".env, line 3: not NAME=VALUE");
  for (const char* line : {"=1", "A B=1", "'A'=1", "export A", "export B C=1", "\"=\""}) {
    EXPECT_EQ(fault_in(line), ".env, line 1: not NAME=VALUE") << line;
  }
  for (const char* line : {"A=\"", "A='1", "A=\"1'", "A=\"1\"2"}) {
    EXPECT_EQ(fault_in(line), ".env, line 1: quotes do not enclose the value") << line;
  }
}

TEST(Dotenv, is_optional_and_may_contain_unknown_names) {
  EXPECT_EQ(settings({.dotenv = {}}).port, 3000);
  EXPECT_EQ(settings({.dotenv = "PATH=/bin\nport=1\nSERVER_PORT=4000\n"}).port, 4000);
}

}  // namespace
}  // namespace chopin::cli
