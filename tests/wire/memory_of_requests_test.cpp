#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "harness/counted_process.hpp"
#include "harness/eventually.hpp"
#include "harness/raw_client.hpp"
#include "wire/sized_requests.hpp"

namespace chopin::test {
namespace {

// ---- Memory grows with the bytes received, never with the bytes announced. ----

#ifdef CHOPIN_COUNTING_PRELOAD

class MemoryOf : public CountedProcess {
 protected:
  static constexpr int connections = 500;

  /// Sends a burst that ends in an unfinished request on many connections, and returns the memory that the
  /// server holds for each.
  std::int64_t bytes_for_each(const std::string& unfinished) {
    const std::uint16_t port = server_.port();
    exchange_bursts(clients_.emplace_back(port), get_start + "\r\n", 1, 1);
    const std::int64_t before = counts_->held;
    for (int i = 0; i < connections; ++i) {
      RawClient& client = clients_.emplace_back(port);
      client.send(get_start + "\r\n" + unfinished);
      EXPECT_EQ(client.read_response().status, 200);  // so the server has read the rest of the burst too
    }
    return (counts_->held - before) / connections;
  }

  std::deque<RawClient> clients_;
};

constexpr std::int64_t a_few_buffers = 16 * kibi;

TEST_F(MemoryOf, bodies_that_are_announced_but_not_sent_is_not_reserved) {
  const std::int64_t bytes =
      bytes_for_each("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\nx");
  EXPECT_LT(bytes, a_few_buffers);
  EXPECT_GT(bytes, 0) << "the server's memory is not counted";
}

TEST_F(MemoryOf, chunks_that_are_announced_but_not_sent_is_not_reserved) {
  EXPECT_LT(bytes_for_each(chunked_start + "FFFFF\r\nx"), a_few_buffers);
}

TEST_F(MemoryOf, responses_that_waited_for_their_reader_is_freed) {
  const std::uint16_t port = server_.port();
  const std::string request = with_body_of(kibi * kibi);
  constexpr int responses = 24;  // more than the kernel takes
  exchange_bursts(clients_.emplace_back(port), request, 1, 1);
  const std::int64_t before = counts_->held;
  std::vector<std::jthread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&, &client = clients_.emplace_back(port)] {
      try {
        client.send(repeated(request, responses));
      } catch (const std::exception&) {
        // missing responses fail the test
      }
    });
  }
  ASSERT_TRUE(eventually([&] { return counts_->held - before > 4 * a_few_buffers; })) << "nothing waits";
  for (std::size_t i = 1; i <= 4; ++i) {
    for (int j = 0; j < responses; ++j) EXPECT_EQ(clients_[i].read_response().status, 200);
    exchange_bursts(clients_[i], get_start + "\r\n", 1, 1);
  }
  EXPECT_LT(counts_->held - before, 4 * a_few_buffers);
}

#endif

}  // namespace
}  // namespace chopin::test
