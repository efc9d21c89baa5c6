#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"
#include "wire/sized_requests.hpp"

namespace chopin::test {
namespace {

const std::string last_request = "GET /plaintext HTTP/1.0\r\n\r\n";

struct LimitOf {
  const char* name;
  std::string (*request_of)(std::size_t size);
  std::size_t limit;
  int status;  ///< one over the limit
  Limits limits{};
};

void PrintTo(const LimitOf& c, std::ostream* out) {
  *out << c.name;
}

Limits head_limit(std::uint32_t size, std::uint32_t fields = Limits{}.max_fields) {
  return {.max_head = size, .max_fields = fields};
}
Limits field_limit(std::uint32_t count) {
  return {.max_fields = count};
}
Limits body_limit(std::uint64_t size) {
  return {.max_body = size};
}

class Limit : public testing::TestWithParam<LimitOf> {
 protected:
  static Config config() {
    Config config = test_config();
    config.limits = GetParam().limits;
    return config;
  }

  std::string responses_to_whole(const std::string& stream) { return exchange(server.port(), stream); }

  /// Sent byte by byte around the ends of request line, head and request, where limits are crossed.
  std::string responses_to_pieces(const std::string& request) {
    constexpr std::size_t around = 20;
    const std::size_t line = request.find_first_not_of("\r\n");
    const std::size_t ends[] = {request.find("\r\n", line), request.find("\r\n\r\n", line), request.size()};
    RawClient client(server.port());
    std::size_t sent = 0;
    for (const std::size_t end : ends) {
      const std::size_t first = std::max(sent, end - std::min(end, around));
      client.send(std::string_view(request).substr(sent, first - sent));
      for (sent = first; sent < std::min(end + around, request.size()); ++sent) {
        client.send(std::string_view(request).substr(sent, 1));
      }
    }
    client.send(last_request);
    return client.read_to_end();
  }

  LiveServer server{config()};
};

TEST_P(Limit, accepts_a_request_of_exactly_that_size) {
  const std::string request = GetParam().request_of(GetParam().limit);
  EXPECT_EQ(statuses_of(responses_to_whole(request + last_request)), (std::vector{200, 200}));
  EXPECT_EQ(statuses_of(responses_to_pieces(request)), (std::vector{200, 200}));
  EXPECT_EQ(server.stop().requests, 4U);
}

TEST_P(Limit, refuses_a_request_larger_by_one_and_everything_after_it) {
  const std::string request = GetParam().request_of(GetParam().limit + 1);
  for (const std::string& bytes :
       {responses_to_whole(request + last_request), responses_to_pieces(request)}) {
    EXPECT_EQ(statuses_of(bytes), std::vector{GetParam().status});
    EXPECT_NE(bytes.find("\r\nConnection: close\r\n"), std::string::npos) << bytes;
  }
  EXPECT_EQ(server.stop().requests, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Of, Limit,
    testing::Values(
        LimitOf{"head", with_head_of, 8 * kibi, 431},
        LimitOf{"head_at_its_lowest", with_head_of, kibi, 431, head_limit(kibi)},
        LimitOf{"head_raised", with_head_of, 64 * kibi, 431, head_limit(64 * kibi)},
        LimitOf{"head_at_its_highest", with_head_of, kibi* kibi, 431, head_limit(kibi* kibi, 1000)},
        LimitOf{"query", with_query_in_head_of, 8 * kibi, 431},
        LimitOf{"query_in_a_larger_head", with_query_in_head_of, 64 * kibi, 431, head_limit(64 * kibi)},
        LimitOf{"fields", with_fields, 100, 431},
        LimitOf{"fields_at_their_lowest", with_fields, 1, 431, field_limit(1)},
        LimitOf{"fields_at_their_highest", with_fields, 1000, 431, field_limit(1000)},
        LimitOf{"connection_options", with_connection_options, 100, 431},
        LimitOf{"connection_options_lowered", with_connection_options, 2, 431, field_limit(2)},
        LimitOf{"field", with_field_in_head_of, 8 * kibi, 431},
        LimitOf{"field_in_a_larger_head", with_field_in_head_of, 64 * kibi, 431, head_limit(64 * kibi)},
        LimitOf{"body", with_body_of, kibi* kibi, 413},
        LimitOf{"body_that_nobody_wants", with_dropped_body_of, kibi* kibi, 413},
        LimitOf{"body_lowered", with_body_of, 10, 413, body_limit(10)},
        LimitOf{"body_forbidden", with_body_of, 0, 413, body_limit(0)},
        LimitOf{"chunk", with_one_chunk_of, kibi* kibi, 413},
        LimitOf{"chunk_lowered", with_one_chunk_of, 10, 413, body_limit(10)},
        LimitOf{"chunk_forbidden", with_one_chunk_of, 0, 413, body_limit(0)},
        LimitOf{"chunks", with_many_chunks_of, kibi* kibi, 413},
        LimitOf{"chunks_of_one_byte", with_chunks_of_one_byte, 5000, 413, body_limit(5000)},
        LimitOf{"trailer_section", with_trailer_section_of, 8 * kibi, 431},
        LimitOf{"trailer_section_lowered", with_trailer_section_of, kibi, 431, head_limit(kibi)},
        LimitOf{"trailer_section_raised", with_trailer_section_of, 64 * kibi, 431, head_limit(64 * kibi)},
        LimitOf{"trailers", with_trailers, 100, 431},
        LimitOf{"trailers_lowered", with_trailers, 3, 431, field_limit(3)},
        LimitOf{"trailer", with_trailer_in_section_of, 8 * kibi, 431},
        LimitOf{"trailer_in_a_larger_section", with_trailer_in_section_of, 64 * kibi, 431,
                head_limit(64 * kibi)},
        LimitOf{"chunk_extension", with_extension_of, Limits::max_chunk_extensions, 400},
        LimitOf{"extension_of_the_last_chunk", with_extension_of_the_last_chunk_of,
                Limits::max_chunk_extensions, 400},
        LimitOf{"chunk_extensions_together", with_extensions_of, Limits::max_chunk_extensions, 400},
        LimitOf{"chunk_size_digits", with_chunk_size_digits, 16, 400},
        LimitOf{"empty_lines", with_empty_lines, Limits::max_empty_lines, 400}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(Limits, a_request_line_longer_than_the_head_may_be_gets_414) {
  Config config = test_config();
  config.limits.max_head = kibi;
  LiveServer server(config);
  EXPECT_EQ(statuses_of(exchange(server.port(), with_request_line_of(2 * kibi))), std::vector{414});
  EXPECT_EQ(statuses_of(exchange(server.port(), with_request_line_of(kibi))), std::vector{431});
}

TEST(Limits, apply_to_each_request_separately) {
  LiveServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    for (const std::string& request :
         {with_head_of(8 * kibi), with_fields(100), with_trailers(100), with_extension_of(4096),
          with_body_of(kibi * kibi), with_empty_lines(Limits::max_empty_lines)}) {
      client.send(request);
      EXPECT_EQ(client.read_response().status, 200) << request.substr(0, 100);
    }
  }
}

}  // namespace
}  // namespace chopin::test
