#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/counted_process.hpp"
#include "harness/eventually.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace {

using namespace std::chrono_literals;

const std::string next_request = "GET /plaintext HTTP/1.0\r\n\r\n";
const std::string get_start = "GET /plaintext HTTP/1.1\r\nHost: h\r\n";
const std::string chunked_start = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

// ---- Requests with one part of the given size. ----

/// Field lines and the empty line after them, `size` bytes in total.
std::string field_lines_of(std::size_t size) {
  const std::string line = "A: " + std::string(3900, 'a') + "\r\n";
  std::string lines;
  while (size - lines.size() > line.size() + 100) lines += line;
  return lines + "A: " + std::string(size - lines.size() - 7, 'a') + "\r\n\r\n";
}

std::string with_head_of(std::size_t size) {
  return get_start + field_lines_of(size - get_start.size());
}

/// With a request line as long as a head of this size allows.
std::string with_query_in_head_of(std::size_t size) {
  const std::string start = "GET /plaintext?";
  const std::string end = " HTTP/1.1\r\nHost: h\r\n\r\n";
  return start + std::string(size - start.size() - end.size(), 'q') + end;
}

std::string with_request_line_of(std::size_t size) {
  const std::string start = "GET /plaintext?";
  const std::string end = " HTTP/1.1\r\n";
  return start + std::string(size - start.size() - end.size(), 'q') + end + "Host: h\r\n\r\n";
}

std::string with_fields(std::size_t count) {
  return get_start + repeated("A: b\r\n", count - 1) + "\r\n";
}

/// With a field as long as a head of this size allows.
std::string with_field_in_head_of(std::size_t size) {
  const std::string end = "\r\n\r\n";
  return get_start + "A: " + std::string(size - get_start.size() - 3 - end.size(), 'b') + end;
}

std::string announcing(const std::string& method_and_path, std::size_t size) {
  return method_and_path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
         std::string(size, 'x');
}

std::string with_body_of(std::size_t size) {
  return announcing("POST /echo", size);
}

std::string with_dropped_body_of(std::size_t size) {
  return announcing("GET /plaintext", size);
}

std::string chunk_of(std::size_t size) {
  return fmt::format("{:X}\r\n", size) + std::string(size, 'x') + "\r\n";
}

std::string with_one_chunk_of(std::size_t size) {
  return chunked_start + (size > 0 ? chunk_of(size) : "") + "0\r\n\r\n";
}

std::string with_chunks_of_one_byte(std::size_t count) {
  return chunked_start + repeated(chunk_of(1), count) + "0\r\n\r\n";
}

std::string with_many_chunks_of(std::size_t size) {
  std::string chunks;
  for (std::size_t left = size, next = 0; left > 0; left -= next) {
    next = std::min(left, next % 7919 + 1013);
    chunks += chunk_of(next);
  }
  return chunked_start + chunks + "0\r\n\r\n";
}

std::string with_trailer_section_of(std::size_t size) {
  return chunked_start + "0\r\n" + field_lines_of(size);
}

std::string with_trailers(std::size_t count) {
  return chunked_start + chunk_of(3) + "0\r\n" + repeated("A: b\r\n", count) + "\r\n";
}

std::string with_connection_options(std::size_t count) {
  return "GET /json HTTP/1.1\r\nHost: h\r\nConnection: " + repeated("a,", count - 1) + "a\r\n\r\n";
}

/// With a trailer as long as a trailer section of this size allows.
std::string with_trailer_in_section_of(std::size_t size) {
  const std::string end = "\r\n\r\n";
  return chunked_start + "0\r\nA: " + std::string(size - 3 - end.size(), 'b') + end;
}

std::string with_extension_of(std::size_t size) {
  return chunked_start + "1;" + std::string(size - 1, 'e') + "\r\nx\r\n0\r\n\r\n";
}

std::string with_extension_of_the_last_chunk_of(std::size_t size) {
  return chunked_start + chunk_of(1) + "0;" + std::string(size - 1, 'e') + "\r\n\r\n";
}

std::string with_extensions_of(std::size_t size) {
  std::string chunks;
  for (; size > 200; size -= 100) chunks += "1;" + std::string(99, 'e') + "\r\nx\r\n";
  return chunked_start + chunks + "1;" + std::string(size - 51, 'e') + "\r\nx\r\n0;" + std::string(49, 'e') +
         "\r\n\r\n";
}

std::string with_chunk_size_digits(std::size_t count) {
  return chunked_start + std::string(count - 1, '0') + "1\r\nx\r\n0\r\n\r\n";
}

std::string with_empty_lines(std::size_t count) {
  return repeated("\r\n", count) + get_start + "\r\n";
}

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

constexpr std::uint32_t kibi = 1024;

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
    client.send(next_request);
    return client.read_to_end();
  }

  LiveServer server{config()};
};

TEST_P(Limit, accepts_a_request_of_exactly_that_size) {
  const std::string request = GetParam().request_of(GetParam().limit);
  EXPECT_EQ(statuses_of(responses_to_whole(request + next_request)), (std::vector{200, 200}));
  EXPECT_EQ(statuses_of(responses_to_pieces(request)), (std::vector{200, 200}));
  EXPECT_EQ(server.stop().requests, 4U);
}

TEST_P(Limit, refuses_a_request_larger_by_one_and_everything_after_it) {
  const std::string request = GetParam().request_of(GetParam().limit + 1);
  for (const std::string& bytes :
       {responses_to_whole(request + next_request), responses_to_pieces(request)}) {
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

// ---- Endless input is refused as soon as it cannot end within its limit. ----

struct Endless {
  const char* name;
  std::string start;
  char filler;
  std::size_t most;  ///< filler bytes; one more is refused
  int status;
};

void PrintTo(const Endless& endless, std::ostream* out) {
  *out << endless.name;
}

class EndlessInput : public testing::TestWithParam<Endless> {};

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
    testing::Values(Endless{"method", "", 'G', 8 * kibi - 1, 501},
                    Endless{"target", "GET /", 'x', 8 * kibi - 6, 414},
                    // A head without its end that fills the limit.
                    Endless{"field_name", get_start, 'x', 8 * kibi - get_start.size() - 1, 431},
                    Endless{"field_value", get_start + "A:", 'x', 8 * kibi - get_start.size() - 3, 431},
                    Endless{"white_space", get_start + "A:", ' ', 8 * kibi - get_start.size() - 3, 431},
                    Endless{"connection_options", get_start + "Connection:", ',', 99, 431},
                    Endless{"chunk_size", chunked_start, '0', 16, 400},
                    Endless{"chunk_extension", chunked_start + "1;", 'e', Limits::max_chunk_extensions - 1,
                            400},
                    Endless{"trailer_name", chunked_start + "0\r\n", 'x', 8 * kibi, 431},
                    Endless{"trailer_value", chunked_start + "0\r\nA: ", 'x', 8 * kibi - 3, 431}),
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
