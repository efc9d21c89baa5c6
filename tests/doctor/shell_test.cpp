#include "doctor/shell.hpp"

#include <gtest/gtest.h>

namespace chopin::doctor {
namespace {

TEST(ShellWord, is_the_text_itself_if_nothing_in_it_is_special) {
  EXPECT_EQ(shell_word("/sys/fs/cgroup/user@1.service/cpu.max"), "/sys/fs/cgroup/user@1.service/cpu.max");
  EXPECT_EQ(shell_word("--max-buf-size"), "--max-buf-size");
}

TEST(ShellWord, is_quoted_if_it_would_not_be_exactly_one_word) {
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("$(reboot);*"), "'$(reboot);*'");
  EXPECT_EQ(shell_word(R"(a\b)"), R"('a\b')");
  EXPECT_EQ(shell_word("it's"), R"('it'\''s')");
}

TEST(ShellWord, escapes_what_is_not_printable_ascii) {
  EXPECT_EQ(shell_word("a\n\x1b[31m"), R"($'a\012\033[31m')");
  EXPECT_EQ(shell_word("caf\xc3\xa9"), R"($'caf\303\251')");
  EXPECT_EQ(shell_word("\t'\\"), R"($'\011\047\134')");
}

}  // namespace
}  // namespace chopin::doctor
