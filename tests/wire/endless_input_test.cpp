#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/sized_requests.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

// ---- Endless input is refused as soon as it cannot end within its limit. ----

struct EndlessCase {
  const char* name;
  std::string start;
  char filler;
  std::size_t most;  ///< filler bytes; one more is refused
  int status;
};

void PrintTo(const EndlessCase& endless, std::ostream* out) {
  *out << endless.name;
}

class EndlessInput : public testing::TestWithParam<EndlessCase> {};

TEST_P(EndlessInput, is_refused_at_the_first_byte_too_many_and_no_earlier) {
  const auto& [name, start, filler, most, status] = GetParam();
  LiveServer server;
  for (const std::size_t step : {most, std::size_t{97}}) {
    RawClient client(server.port());
    client.send(start);
    for (std::size_t sent = 0; sent < most; sent += step) {
      client.send(std::string(std::min(step, most - sent), filler));
    }
    EXPECT_TRUE(client.is_silent_for(20ms)) << "by " << step;
    client.send(std::string(1, filler));
    EXPECT_EQ(statuses_of(client.read_to_end()), std::vector{status}) << "by " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, EndlessInput,
    testing::Values(EndlessCase{"method", "", 'G', 8 * kibi - 1, 501},
                    EndlessCase{"target", "GET /", 'x', 8 * kibi - 6, 414},
                    // A head without its end that fills the limit.
                    EndlessCase{"field_name", get_start, 'x', 8 * kibi - get_start.size() - 1, 431},
                    EndlessCase{"field_value", get_start + "A:", 'x', 8 * kibi - get_start.size() - 3, 431},
                    EndlessCase{"white_space", get_start + "A:", ' ', 8 * kibi - get_start.size() - 3, 431},
                    EndlessCase{"connection_options", get_start + "Connection:", ',', 99, 431},
                    EndlessCase{"chunk_size", chunked_start, '0', 16, 400},
                    EndlessCase{"chunk_extension", chunked_start + "1;", 'e',
                                Limits::max_chunk_extensions - 1, 400},
                    EndlessCase{"trailer_name", chunked_start + "0\r\n", 'x', 8 * kibi, 431},
                    EndlessCase{"trailer_value", chunked_start + "0\r\nA: ", 'x', 8 * kibi - 3, 431}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace chopin::test
