#include "system/file_tree.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "harness/temporary_folder.hpp"

namespace chopin::system {
namespace {

class TreeTest : public testing::Test {
 protected:
  [[nodiscard]] std::string reason(const std::string& path) const {
    try {
      return "read as " + std::to_string(tree_.number(path));
    } catch (const Unreadable& error) {
      return error.what();
    }
  }

  test::TemporaryFolder root_;
  Tree tree_{root_.path()};
};

TEST_F(TreeTest, reads_the_first_line_of_a_file_and_numbers_with_white_space_around_them) {
  root_.write("/proc/a", "one two\nthree\n");
  root_.write("/proc/b", " 4096\t\n");
  EXPECT_TRUE(tree_.has("/proc/a"));
  EXPECT_EQ(tree_.line("/proc/a"), "one two");
  EXPECT_EQ(tree_.number("/proc/b"), 4096U);
}

TEST_F(TreeTest, reports_the_kernels_reason_for_a_missing_file_and_for_a_folder) {
  std::filesystem::create_directories(root_.path() + "/proc/folder");
  EXPECT_FALSE(tree_.has("/proc/absent"));
  EXPECT_EQ(reason("/proc/absent"), "/proc/absent: no such file or directory");
  EXPECT_EQ(reason("/proc/folder"), "/proc/folder: is a directory");
}

TEST_F(TreeTest, require_accepts_any_file_or_folder_that_exists) {
  root_.write("/proc/odd", "\xc3\xa9");
  EXPECT_NO_THROW(tree_.require("/proc/odd"));
  EXPECT_NO_THROW(tree_.require("/proc"));
  EXPECT_THROW(tree_.require("/proc/absent"), Unreadable);
}

TEST_F(TreeTest, a_number_that_cannot_be_read_can_be_optional) {
  root_.write("/proc/number", "7\n");
  EXPECT_EQ(tree_.number_if_readable("/proc/number"), 7U);
  EXPECT_EQ(tree_.number_if_readable("/proc/absent"), std::nullopt);
}

TEST_F(TreeTest, refuses_content_that_is_not_a_number) {
  for (const auto& [text, why] : {std::pair{"", "it is empty"},
                                  {"\n", "it is empty"},
                                  {" \n", "it holds no number"},
                                  {"max\n", "it holds no number"},
                                  {"-1\n", "it holds no number"},
                                  {"12 34\n", "it holds no number"},
                                  {"99999999999999999999\n", "it holds no number"},
                                  {"\x1b[31m1\n", "it is not text"}}) {
    root_.write("/proc/odd", text);
    EXPECT_EQ(reason("/proc/odd"), std::string("/proc/odd: ") + why) << text;
  }
}

}  // namespace
}  // namespace chopin::system
