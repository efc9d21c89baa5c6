#include "connection/buffers.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace chopin::connection {
namespace {

constexpr std::uint32_t most_bytes = 12'000;

std::string letters(std::size_t size) {
  std::string text(size, 'x');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
  return text;
}

/// One read. Returns how many of `bytes` fitted.
std::size_t receive(InputBuffer& buffer, const InputSpace& lent, std::string_view bytes) {
  const std::span<char> space = buffer.prepare(lent, most_bytes);
  const std::size_t size = std::min(space.size(), bytes.size());
  std::ranges::copy(bytes.substr(0, size), space.begin());
  buffer.commit(size);
  return size;
}

TEST(InputBuffer, receives_into_lent_memory_and_owns_none_once_all_is_consumed) {
  const InputSpace lent;
  InputBuffer buffer;
  for (const std::size_t size : {std::size_t{7}, std::size_t{Limits::read_buffer}}) {
    EXPECT_EQ(receive(buffer, lent, letters(size)), size);
    EXPECT_EQ(buffer.bytes(), letters(size));
    EXPECT_EQ(buffer.bytes().data(), lent.bytes().data());
    buffer.consume(size);
    buffer.give_back();
    EXPECT_TRUE(buffer.empty());
  }
  EXPECT_EQ(buffer.prepare(lent, most_bytes).size(), Limits::read_buffer);
}

TEST(InputBuffer, keeps_leftover_bytes_when_others_receive_next) {
  for (const std::size_t left_over : {1U, 100U, 4096U, 4097U, 60'000U}) {
    const InputSpace lent;
    InputBuffer buffer;
    InputBuffer neighbour;
    receive(buffer, lent, "used" + letters(left_over));
    buffer.consume(4);
    buffer.give_back();
    EXPECT_EQ(receive(neighbour, lent, std::string(Limits::read_buffer, '!')), Limits::read_buffer);
    EXPECT_EQ(buffer.bytes(), letters(left_over)) << left_over;
  }
}

TEST(InputBuffer, keeps_bytes_in_order_when_they_arrive_one_by_one_up_to_the_limit) {
  const InputSpace lent;
  InputBuffer buffer;
  InputBuffer neighbour;
  const std::string sent = letters(most_bytes);
  for (const char& byte : sent) {
    ASSERT_EQ(receive(buffer, lent, {&byte, 1}), 1U);
    buffer.give_back();
    receive(neighbour, lent, "!");
    neighbour.consume(1);
    neighbour.give_back();
  }
  EXPECT_EQ(buffer.bytes(), sent);
  EXPECT_EQ(receive(buffer, lent, "!"), 0U);
  buffer.consume(most_bytes - 10);
  EXPECT_EQ(receive(buffer, lent, "and more"), 8U);
  EXPECT_EQ(buffer.bytes(), sent.substr(most_bytes - 10) + "and more");
}

TEST(InputBuffer, does_not_copy_much_for_every_byte_that_arrives) {
  const InputSpace lent;
  InputBuffer buffer;
  receive(buffer, lent, letters(8000));
  buffer.give_back();
  int moves = 0;
  for (int i = 0; i < 1000; ++i) {
    const char* const before = buffer.bytes().data();
    ASSERT_EQ(receive(buffer, lent, "!"), 1U);
    moves += buffer.bytes().data() == before ? 0 : 1;
    buffer.give_back();
  }
  EXPECT_LE(moves, 1);
}

}  // namespace
}  // namespace chopin::connection
