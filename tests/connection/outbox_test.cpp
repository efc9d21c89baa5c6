#include "connection/outbox.hpp"

#include <array>
#include <memory>
#include <string>
#include <sys/socket.h>

#include <gtest/gtest.h>

namespace chopin::connection {
namespace {

/// A stream and its other end, with little room in between.
struct OutboxOfAStream : testing::Test {
  OutboxOfAStream() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    stream = Stream(system::Descriptor(ends[0]));
    peer = system::Descriptor(ends[1]);
    constexpr int least = 1;
    setsockopt(stream.descriptor(), SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
  }

  std::string read() {
    std::string bytes(1 << 20, ' ');
    const system::Transfer transfer = system::receive_now(peer.get(), bytes);
    bytes.resize(transfer.size);
    return bytes;
  }
  /// Sends all that is in the outbox, however little the stream takes at once.
  std::string drained(Outbox& outbox) {
    std::string all;
    while (!outbox.empty()) {
      EXPECT_FALSE(outbox.send(stream).has_failed());
      all += read();
    }
    return all;
  }

  Stream stream{system::Descriptor()};
  system::Descriptor peer;
  Output output;
};

TEST_F(OutboxOfAStream, sends_what_is_left_of_an_output) {
  output.bytes().append("0123456789");
  Outbox outbox(output, 4, Limits(), 0);
  EXPECT_EQ(drained(outbox), "456789");
}

TEST_F(OutboxOfAStream, has_no_memory_for_bytes_that_were_sent) {
  output.bytes().append(std::string(60'000, 'x'));
  const Outbox whole(output, 0, Limits(), 0);
  const Outbox rest(output, 50'000, Limits(), 0);
  EXPECT_EQ(whole.memory() - rest.memory(), 50'000U);
}

TEST_F(OutboxOfAStream, goes_on_within_a_shared_body_and_holds_it_until_it_is_sent) {
  const auto body = std::make_shared<const std::string>(300'000, 'b');
  output.bytes().append("head");
  output.end_with(body);
  EXPECT_EQ(output.size(), 300'004U);
  for (const std::size_t sent : {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{100'004}}) {
    Outbox outbox(output, sent, Limits(), 0);
    EXPECT_EQ(body.use_count(), 3);
    EXPECT_EQ(drained(outbox), ("head" + *body).substr(sent));
    EXPECT_EQ(body.use_count(), 2);
  }
}

TEST_F(OutboxOfAStream, says_that_the_peer_does_not_read) {
  output.bytes().append(std::string(1 << 20, 'x'));
  Outbox outbox(output, 0, Limits(), 0);
  EXPECT_GT(outbox.send(stream).size, 0U);
  while (outbox.send(stream).size > 0) {
  }
  const system::Transfer blocked = outbox.send(stream);
  EXPECT_EQ(blocked.error, EAGAIN);
  EXPECT_FALSE(blocked.has_failed());
  peer = {};
  EXPECT_TRUE(outbox.send(stream).has_failed());
}

TEST_F(OutboxOfAStream, knows_how_much_the_peer_has_taken) {
  output.bytes().append("0123456789");
  Outbox outbox(output, 0, Limits(), 50);
  EXPECT_EQ(outbox.take_progress(30), 20U);
  EXPECT_EQ(outbox.take_progress(30), 0U);
  outbox.send(stream);
  EXPECT_EQ(outbox.take_progress(40), 0U) << "ten more, of which it has taken none";
  EXPECT_EQ(outbox.take_progress(0), 40U);
}

}  // namespace
}  // namespace chopin::connection
