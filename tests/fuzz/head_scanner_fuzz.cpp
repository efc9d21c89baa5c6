// Whatever the scanner accepts, the parser accepts too, as the same head, whatever bytes follow it. The
// input:
//
//   3 bytes  which of the limits below: head, fields, body ('0' is the first, the default)
//   1 byte   ignored (a line end, so that the corpus is readable)
//   the rest what the client sends
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "exact_bytes.hpp"
#include "fuzz_target.hpp"
#include "http/head_scanner.hpp"
#include "http/request_parser.hpp"
#include "pieces.hpp"
#include "require.hpp"
#include "text/byte_scan.hpp"

namespace chopin::fuzz {
namespace {

using http::RequestHead;

bool is_same(const Field& a, const Field& b) noexcept {
  return a.name.data() == b.name.data() && a.name == b.name && a.value == b.value;
}

void require_same(const RequestHead& scanned, const http::RequestParser& parser) {
  const RequestHead& parsed = parser.head();
  require(scanned.body_size == parsed.body_size && scanned.has_body() == parser.has_body(),
          "the body is as large");
  require(!parser.expects_continue(), "nobody waits for a 100");
  require(parser.target_form() == http::TargetForm::origin, "a scanned target is in origin form");
  require(scanned.method == parsed.method, "the method is the same");
  require(scanned.target == parsed.target && scanned.path == parsed.path, "the target is the same");
  require(std::ranges::equal(scanned.fields, parsed.fields, is_same), "the fields are the same");
  require(scanned.size == parsed.size, "the head ends at the same place");
  require(scanned.is_http_1_1 == parsed.is_http_1_1, "the version is the same");
  require(scanned.keep_alive == parsed.keep_alive, "the persistence is the same");
}

/// With bytes after the input that a client might have sent next: none of them may be taken for the head.
bool scan_and_compare(std::string_view stream, std::string_view next, const Limits& limits) {
  std::string padded(stream);
  while (padded.size() < stream.size() + text::ByteScan::slack) padded += next;
  padded.resize(stream.size() + text::ByteScan::slack);
  const ExactBytes memory(padded);
  const std::string_view bytes = memory.view().substr(0, stream.size());
  http::ParserScratch scratch(limits);
  RequestHead head;
  if (!http::scan_head(bytes, scratch, head)) return false;
  http::ParserScratch parser_scratch(limits);
  http::RequestParser parser(limits, parser_scratch);
  require(parser.parse_head(bytes) == http::RequestParser::Progress::complete,
          "the parser accepts what the scanner accepts");
  require_same(head, parser);
  return true;
}

void run(std::string_view input) {
  constexpr std::size_t prefix_size = 4;
  if (input.size() < prefix_size) return;
  constexpr std::array<std::uint32_t, 4> heads{Limits{}.max_head, 1024, 128, 16384};
  constexpr std::array<std::uint32_t, 4> fields{Limits{}.max_fields, 1, 2, 8};
  constexpr std::array<std::uint64_t, 4> bodies{Limits{}.max_body, 0, 5, 1U << 30U};
  const Limits limits{.max_head = heads[digit(input[0]) % heads.size()],
                      .max_fields = fields[digit(input[1]) % fields.size()],
                      .max_body = bodies[digit(input[2]) % bodies.size()]};
  const std::string_view stream = input.substr(prefix_size);
  const bool is_plain = scan_and_compare(stream, std::string_view("\0", 1), limits);
  for (const std::string_view next : {"\r\n", "A: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    require(scan_and_compare(stream, next, limits) == is_plain, "the bytes after the head do not matter");
  }
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
