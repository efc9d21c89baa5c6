#include "server/buffers.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace chopin::server {
namespace {

std::size_t receive(InputBuffer& buffer, std::string_view bytes, std::uint32_t first, std::uint32_t limit) {
  const std::span<char> space = buffer.prepare(first, limit);
  const std::size_t size = std::min(space.size(), bytes.size());
  std::ranges::copy(bytes.substr(0, size), space.begin());
  buffer.commit(size);
  return size;
}

TEST(InputBuffer, keeps_unused_bytes_in_order_while_it_grows_to_its_limit) {
  InputBuffer buffer;
  std::string sent;
  std::string rest(100, 'x');
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = static_cast<char>('a' + i % 26);
  for (;;) {
    const std::size_t size = receive(buffer, rest, 8, 20);
    if (size == 0) break;
    sent += rest.substr(0, size);
    rest.erase(0, size);
  }
  EXPECT_EQ(buffer.bytes(), sent);
  EXPECT_EQ(buffer.bytes().size(), 20U);
  buffer.consume(15);
  EXPECT_EQ(buffer.prepare(8, 20).size(), 15U);
  EXPECT_EQ(buffer.bytes(), sent.substr(15));
}

TEST(InputBuffer, does_not_grow_while_reads_leave_room) {
  InputBuffer buffer;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(receive(buffer, "1234567", 8, 1024), 7U);
    buffer.consume(7);
  }
  EXPECT_EQ(buffer.prepare(8, 1024).size(), 8U);
}

TEST(InputBuffer, starts_small_again_after_it_was_released) {
  InputBuffer buffer;
  while (receive(buffer, std::string(64, 'x'), 8, 64) > 0) {
  }
  buffer.release();
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.prepare(8, 64).size(), 8U);
}

}  // namespace
}  // namespace chopin::server
