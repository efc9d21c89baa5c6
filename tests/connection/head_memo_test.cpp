#include "connection/head_memo.hpp"

#include <deque>
#include <string>

#include <gtest/gtest.h>

#include "text/byte_scan.hpp"

namespace chopin::connection {
namespace {

/// A memo between a client and a server that remembers what is unknown, as Http1 does.
class Listening {
 public:
  /// Whether the head was known.
  bool hear(const std::string& head) {
    const std::string& bytes = heard_.emplace_back(head + std::string(text::ByteScan::slack, ' '));
    const std::string_view input = std::string_view(bytes).substr(0, head.size());
    if (memo_.find(input) != nullptr) return true;
    HeadMemo::Known known{};
    known.head.size = static_cast<std::uint32_t>(head.size());
    if (memo_.wants_another()) memo_.remember(input, known);
    return false;
  }

 private:
  HeadMemo memo_;
  std::deque<std::string> heard_;
};

std::string head(int number) {
  return "GET /" + std::to_string(number) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

TEST(HeadMemoTest, knows_each_of_the_first_heads_when_it_is_repeated) {
  Listening memo;
  for (int i = 0; i < static_cast<int>(HeadMemo::capacity); ++i) {
    EXPECT_FALSE(memo.hear(head(i)));
    for (int again = 0; again < 3; ++again) EXPECT_TRUE(memo.hear(head(i))) << i;
  }
}

TEST(HeadMemoTest, knows_a_new_head_after_a_while_and_then_always) {
  Listening memo;
  for (int i = 0; i < 1000; ++i) memo.hear(head(i));
  int unknown = 0;
  while (!memo.hear(head(-1))) ASSERT_LE(++unknown, static_cast<int>(HeadMemo::unknown_per_change) + 1);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(memo.hear(head(-1)));
}

TEST(HeadMemoTest, finds_a_known_head_again_after_the_longest_pause_at_the_latest) {
  Listening memo;
  EXPECT_FALSE(memo.hear(head(0)));
  for (std::uint32_t i = 1; i < 4 * HeadMemo::longest_pause; ++i) memo.hear(head(static_cast<int>(i)));
  const std::string known = head(-1);
  while (!memo.hear(known)) {
  }
  for (std::uint32_t i = 0; i < 4 * HeadMemo::longest_pause; ++i) memo.hear(head(static_cast<int>(1000 + i)));
  std::uint32_t passed_over = 0;
  while (!memo.hear(known)) ASSERT_LE(++passed_over, HeadMemo::longest_pause);
  EXPECT_TRUE(memo.hear(known));
}

}  // namespace
}  // namespace chopin::connection
