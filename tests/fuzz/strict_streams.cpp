#include "strict_streams.hpp"

#include <charconv>
#include <string>

#include "require.hpp"
#include "stream_routes.hpp"

namespace chopin::fuzz {
namespace {

using Framing = StrictResponse::Framing;

/// What a route of that path responds to a body.
std::string expected_content(std::string_view path, std::string_view body) {
  if (path.starts_with("/count")) return counted(body);
  if (path == "/copy") return std::string(body);
  if (path == "/swell") return swollen(body);
  if (path.starts_with("/early")) return "early";
  std::string all;
  for (const std::string_view part : written_parts) all += part;
  return all;
}

void judge_framing(const StrictResponse& response, const StrictRequest& request, std::string_view path) {
  const bool responds_with_body = path == "/copy" || path == "/swell";
  const bool writes = path.starts_with("/written") || path == "/early/written" ||
                      (responds_with_body && (!request.is_whole || !request.body.empty()));
  require(response.is_streamed() == writes, "a response is streamed if the handler writes");
  require(!writes || (response.framing == Framing::chunked) == request.head.is_http_1_1,
          "a streamed response is chunked if the client is of HTTP/1.1");
}

void judge_persistence(const StrictResponse& response, const StrictRequest& request, bool is_early,
                       Course course) {
  const bool must_close = request.is_last() || response.framing == Framing::until_close ||
                          (is_early && !response.is_streamed() && !request.is_whole);
  const bool may_close = must_close || is_early || course == Course::disturbed;
  require(response.closes() ? may_close : !must_close, "the connection persists while that is safe");
}

}  // namespace

std::size_t read_streamed_body(std::string_view bytes, StrictResponse& response) {
  std::string_view rest = bytes;
  for (;;) {
    response.has_ended = false;
    const std::size_t line = rest.find("\r\n");
    if (line == std::string_view::npos) break;
    std::size_t size = 0;
    const char* const end = rest.data() + line;
    const auto parsed = std::from_chars(rest.data(), end, size, 16);
    require(parsed.ec == std::errc{} && parsed.ptr == end, "a chunk begins with its size");
    const std::string_view data = rest.substr(line + 2);
    response.body += data.substr(0, size);
    if (data.size() < size + 2) break;
    require(data.substr(size, 2) == "\r\n", "a chunk ends with CRLF");
    rest = data.substr(size + 2);
    response.has_ended = size == 0;
    if (response.has_ended || rest.empty()) return bytes.size() - rest.size();
  }
  response.is_cut = !rest.empty();
  return bytes.size();
}

void judge_streamed(const StrictResponse& response, const StrictRequest& request, Course course) {
  const std::string_view path = required(response.value("x-stream"), "the path is known");
  const bool is_early = path.starts_with("/early");
  const bool copies = path == "/copy" || path == "/swell";
  judge_framing(response, request, path);
  judge_persistence(response, request, is_early, course);
  if (request.head.method == "HEAD") return require(response.body.empty(), "a HEAD gets no body");

  // A whole body may still have too many bytes, trailers or extensions.
  const bool breaks = path == "/written/broken";
  const bool may_break = breaks || (copies && (!request.is_whole || request.is_chunked));
  const bool may_end = !breaks && (request.is_whole || is_early);
  const std::string expected = expected_content(path, request.body);
  require(expected.starts_with(response.body), "the content is what the handler writes");
  require(course == Course::disturbed || !response.is_cut, "chunks are sent whole");
  if (response.framing == Framing::until_close) {
    require(may_break || course == Course::disturbed || response.body == expected, "all of it is sent");
  } else if (response.has_ended) {
    require(may_end && response.body == expected, "the last chunk says that all of it has been sent");
  } else {
    require(may_break || course == Course::disturbed, "a response ends if nothing breaks it");
  }
}

}  // namespace chopin::fuzz
