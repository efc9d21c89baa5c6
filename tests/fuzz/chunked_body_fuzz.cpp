// Whatever chunked body the reader of plain ones accepts, the parser accepts too, with the same content and
// the same end. The input:
//
//   1 byte   which of the limits of the content ('0' is the first, the default)
//   1 byte   ignored (a line end, so that the corpus is readable)
//   the rest a chunked body, and what the client sends after it
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "exact_bytes.hpp"
#include "fuzz_target.hpp"
#include "http/chunked_body.hpp"
#include "http/request_parser.hpp"
#include "pieces.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

using Progress = http::RequestParser::Progress;

void run(std::string_view input) {
  constexpr std::size_t prefix_size = 2;
  if (input.size() < prefix_size) return;
  constexpr std::array<std::uint64_t, 4> bodies{Limits{}.max_body, 0, 1, 20};
  const Limits limits{.max_body = bodies[digit(input[0]) % bodies.size()]};
  const ExactBytes memory(input.substr(prefix_size));
  std::string joined;
  const http::FramedBody read = http::read_chunked_body(memory.view(), limits.max_body, joined);
  if (read.size == 0) return;

  http::ParserScratch scratch(limits);
  http::RequestParser parser(limits, scratch);
  const auto head = parser.parse_head("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  require(head == Progress::complete, "the head is valid");
  std::size_t consumed = 0;
  std::string content;
  require(parser.parse_body(memory.view(), consumed, &content) == Progress::complete,
          "the parser accepts what the reader accepts");
  require(consumed == read.size, "the body ends at the same place");
  require(content == read.content, "the content is the same");
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
