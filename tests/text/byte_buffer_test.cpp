#include "chopin/byte_buffer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace chopin {
namespace {

TEST(ByteBuffer, keeps_its_bytes_in_order_while_it_grows) {
  ByteBuffer buffer;
  std::string expected;
  for (const std::string_view piece : {"ab", "cdef", "", "a longer piece than everything before"}) {
    for (int i = 0; i < 10; ++i) {
      buffer.append(piece);
      buffer.push_back('-');
      (expected += piece) += '-';
    }
  }
  EXPECT_EQ(buffer.bytes(), expected);
  EXPECT_EQ(buffer.size(), expected.size());
}

TEST(ByteBuffer, holds_only_the_bytes_committed_of_those_prepared) {
  ByteBuffer buffer;
  buffer.append("a");
  char* const room = buffer.prepare(1000);
  std::fill_n(room, 1000, 'x');
  buffer.commit(room + 3);
  EXPECT_EQ(buffer.bytes(), "axxx");
}

TEST(ByteBuffer, can_be_assigned_a_part_of_itself) {
  ByteBuffer buffer(8);
  buffer.append("0123456789");
  buffer.assign(buffer.bytes());
  EXPECT_EQ(buffer.bytes(), "0123456789");
  buffer.assign(buffer.bytes().substr(3, 5));
  EXPECT_EQ(buffer.bytes(), "34567");
  buffer.assign({});
  EXPECT_EQ(buffer.bytes(), "");
}

TEST(ByteBuffer, clear_keeps_the_memory_unless_it_is_large) {
  constexpr std::size_t most_kept = 1000;
  ByteBuffer buffer(most_kept);
  const char* const memory = buffer.prepare(most_kept);
  buffer.clear();
  EXPECT_EQ(buffer.prepare(most_kept), memory);
  buffer.append(std::string(100 * most_kept, 'x'));
  buffer.clear();
  EXPECT_EQ(buffer.bytes(), "");
  const char* const small = buffer.prepare(most_kept);
  EXPECT_NE(buffer.prepare(most_kept + 1), small);
}

TEST(ByteBuffer, is_empty_and_usable_after_a_move) {
  ByteBuffer first;
  first.append("text");
  ByteBuffer second = std::move(first);
  EXPECT_EQ(second.bytes(), "text");
  EXPECT_EQ(first.bytes(), "");  // NOLINT(bugprone-use-after-move): that is what is tested
  first.append("more");
  second = std::move(first);
  EXPECT_EQ(second.bytes(), "more");
}

}  // namespace
}  // namespace chopin
