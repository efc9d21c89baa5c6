#include "strict_exchange.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "require.hpp"
#include "strict_streams.hpp"

namespace chopin::fuzz {
namespace {

constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t date_size = 29;  // of an IMF-fixdate

/// The one value of a field that may be missing.
std::optional<std::string_view> only_value(const StrictHead& head, std::string_view name) {
  const auto values = head.values(name);
  require(values.size() <= 1, "a response has a field at most once");
  return values.empty() ? std::nullopt : std::optional(values.front());
}

int read_status_line(std::string_view& text) {
  constexpr std::size_t digits_at = 9;
  constexpr std::size_t reason_at = 13;
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  require(line.size() >= reason_at && line.starts_with("HTTP/1.1 ") && line[reason_at - 1] == ' ',
          "a response begins with a status line");
  const auto status = read_strict_length(line.substr(digits_at, 3));
  require(status && *status >= 200 && *status <= 599, "a final status is 200 to 599");
  text.remove_prefix(end + 2);
  return static_cast<int>(*status);
}

bool has_no_content(int status) noexcept {
  return status == 204 || status == 304;
}

std::uint64_t announced_size(const StrictResponse& response) {
  const auto length = only_value(response.head, "content-length");
  if (!length) return 0;
  const std::uint64_t size = required(read_strict_length(*length), "a length is digits");
  require(response.status != 205 || size == 0, "a 205 has no content");
  return size;
}

StrictResponse::Framing framing_of(const StrictResponse& response) {
  const auto coding = only_value(response.head, "transfer-encoding");
  const auto length = only_value(response.head, "content-length");
  require(!coding || (*coding == "chunked" && !length), "a response has no length if it is chunked");
  require(!has_no_content(response.status) || (!coding && !length), "without content there is no framing");
  if (has_no_content(response.status) || length) return StrictResponse::Framing::length;
  require(response.value("x-stream").has_value(), "only the responses of these routes are streamed");
  return coding ? StrictResponse::Framing::chunked : StrictResponse::Framing::until_close;
}

void judge_fields(const StrictResponse& response) {
  const auto date = only_value(response.head, "date");
  require(date && date->size() == date_size && date->ends_with(" GMT"), "a response has a Date");
  require(only_value(response.head, "server") == "chopin", "a response has Server: chopin");
  const auto connection = only_value(response.head, "connection");
  require(!connection || *connection == "close" || *connection == "keep-alive",
          "Connection is close or keep-alive");
}

Outcome::Kind kind_of(const StrictResponse& response, const std::optional<StrictRequest>& request) {
  constexpr int refusals[] = {400, 408, 413, 431};
  const auto stream = response.value("x-stream");
  if (response.status >= 400 && !response.value("x-saw") && !response.value("x-fast")) {
    return Outcome::Kind::rejected;
  }
  if (stream && std::ranges::find(refusals, response.status) != std::end(refusals)) {
    return Outcome::Kind::refused;
  }
  const bool is_early = stream && stream->starts_with("/early") && response.status == 200;
  const bool has_body = request && (!request->is_whole || !request->body.empty());
  if (is_early && has_body) return Outcome::Kind::early;
  // To a client of HTTP/1.0 nothing tells a response that breaks off from another one.
  const bool may_be_cut = response.framing == StrictResponse::Framing::until_close;
  const bool breaks = stream == "/written/broken" || !request || !request->is_whole;
  return !response.has_ended || (may_be_cut && breaks) ? Outcome::Kind::broken : Outcome::Kind::routed;
}

void judge_rejection(const StrictResponse& response, std::string_view begun, bool is_whole, Course course) {
  constexpr int statuses[] = {400, 408, 413, 414, 417, 431, 501, 505};
  require(std::ranges::find(statuses, response.status) != std::end(statuses),
          "a rejection has one of these statuses");
  require(response.closes(), "a rejection closes the connection");
  const auto blames = [&](std::string_view what) {
    return response.body.find(what) != std::string_view::npos;
  };
  require(!is_whole || course == Course::disturbed || !blames("ended early"),
          "a complete request is not rejected as truncated");
  require(begun.starts_with("\r\n") || !blames("empty lines"), "empty lines are counted for each request");
}

/// Checks a response of LoneWorker's routes.
void judge_routed(const StrictResponse& response, const StrictRequest& request, Course course) {
  const auto saw = only_value(response.head, "x-saw");
  require(saw ? *saw == request.name() : response.value("x-fast") || response.status == 204,
          "the response is the one to this request");
  const bool is_of_stream = response.value("x-stream").has_value();
  if (is_of_stream && response.status == 200) return judge_streamed(response, request, course);
  require(!is_of_stream || response.status == 204 || response.status == 405, "these handlers do not fail");
  require(!response.is_streamed() && request.is_whole, "a malformed or incomplete request is rejected");
  require(response.closes() == request.is_last() || (course == Course::disturbed && response.closes()),
          "the connection persists as the client asks");
  require(response.closes() || request.head.is_http_1_1 ||
              only_value(response.head, "connection") == "keep-alive",
          "a 1.0 client gets Connection: keep-alive");
  if (request.name() != "POST /echo" || response.status != 200) return;
  require(response.body == request.body, "the body is the one sent");
}

Outcome outcome_of(const StrictResponse& response, const std::optional<StrictRequest>& request,
                   std::string_view received) {
  std::string bytes(received.substr(response.head_begin, response.head_size));
  constexpr std::string_view name = "\r\nDate: ";
  bytes.erase(bytes.find(name) + name.size(), date_size);
  return {.status = response.status,
          .bytes = bytes + response.body,
          .body_size = response.body.size(),
          .kind = kind_of(response, request)};
}

}  // namespace

bool StrictRequest::is_last() const {
  const bool persists = head.is_http_1_1 || head.has_connection_option("keep-alive");
  return !persists || head.has_connection_option("close") || head.method == "CONNECT" ||
         head.method == "TRACE";
}

std::string StrictRequest::name() const {
  return fmt::format("{} {}", head.method, head.target);
}

/// At most as many as the server skips.
void StrictRequests::skip_empty_lines() {
  constexpr int most = 8;
  for (int i = 0; i < most && rest_.starts_with("\r\n"); ++i) rest_.remove_prefix(2);
}

std::optional<StrictRequest> read_strict_request(std::string_view bytes) {
  const auto head = read_strict_head(bytes);
  if (!head) return std::nullopt;
  StrictRequest request{.head = *head};
  const std::string_view rest = bytes.substr(head->size);
  const auto codings = head->values("transfer-encoding");
  const auto lengths = head->values("content-length");
  if (codings.size() + lengths.size() > 1) return request;
  std::uint64_t body_size = 0;
  if (!codings.empty()) {
    if (!equals_lower_case(codings.front(), "chunked")) return request;
    request.is_chunked = true;
    const auto chunks = read_strict_chunks(rest, &request.body);
    if (!chunks) return request;
    body_size = chunks->size;
  } else if (!lengths.empty()) {
    const auto length = read_strict_length(lengths.front());
    if (!length) return request;
    body_size = *length;
    request.body = rest.substr(0, *length);
  }
  request.is_whole = body_size <= rest.size();
  request.size = head->size + body_size;
  return request;
}

std::optional<StrictRequest> StrictRequests::next() {
  auto request = read_strict_request(rest_);
  if (!request || !request->is_whole) return std::nullopt;
  rest_.remove_prefix(request->size);
  skip_empty_lines();
  return request;
}

std::optional<std::string_view> StrictResponse::value(std::string_view lower_case_name) const {
  return only_value(head, lower_case_name);
}

std::optional<StrictResponse> read_strict_response(std::string_view bytes, bool to_head) {
  StrictResponse response;
  std::string_view rest = bytes;
  while (rest.starts_with(continue_response)) {
    ++response.continues;
    rest.remove_prefix(continue_response.size());
  }
  response.head_begin = bytes.size() - rest.size();
  if (rest.find("\r\n\r\n") == std::string_view::npos) return std::nullopt;
  response.status = read_status_line(rest);
  require(read_strict_fields(rest, response.head), "the fields of a response are well-formed");
  judge_fields(response);
  response.framing = framing_of(response);
  const std::size_t body_begin = bytes.size() - rest.size();
  response.head_size = body_begin - response.head_begin;
  std::uint64_t size = 0;
  if (to_head) {
    announced_size(response);
  } else if (response.framing == StrictResponse::Framing::chunked) {
    size = read_streamed_body(rest, response);
  } else {
    size = response.is_streamed() ? rest.size() : announced_size(response);
    if (size > rest.size()) return std::nullopt;
    response.body = rest.substr(0, size);
  }
  response.size = body_begin + size;
  return response;
}

bool are_same(const std::vector<Outcome>& these, const std::vector<Outcome>& those) {
  using Kind = Outcome::Kind;
  const auto is_one = [](Kind kind, const Outcome& a, const Outcome& b) {
    return a.kind == kind || b.kind == kind;
  };
  for (std::size_t i = 0; i < these.size() && i < those.size(); ++i) {
    const Outcome& a = these[i];
    const Outcome& b = those[i];
    if (is_one(Kind::early, a, b)) {
      if (i + 1 == these.size() || i + 1 == those.size()) return true;
    } else if (is_one(Kind::broken, a, b)) {
      return a.kind != Kind::routed && b.kind != Kind::routed;
    } else if (is_one(Kind::refused, a, b)) {
      return a.kind != Kind::routed && b.kind != Kind::routed && a.status == b.status && a.body() == b.body();
    } else if (a != b) {
      return false;
    }
  }
  return these.size() == those.size();
}

std::vector<Outcome> judge_exchange(std::string_view sent, std::string_view received, Course course) {
  std::vector<Outcome> outcomes;
  StrictRequests requests(sent);
  std::string_view begun = requests.rest();
  auto request = requests.next();
  bool closed = false;
  bool may_have_closed = false;
  while (!received.empty()) {
    require(!closed, "nothing follows the last response");
    require(!begun.empty() || course == Course::disturbed, "there is no response without a request");
    const bool expects = request && !request->head.values("expect").empty();
    auto response = read_strict_response(received, begun.starts_with("HEAD "));
    // A timeout may have expired before the method was complete.
    if (response && response->status == 408 && response->size < received.size()) {
      response = read_strict_response(received, false);
    }
    if (!response) {
      require(course == Course::disturbed || (course == Course::open && received == continue_response),
              "every response is complete");
      return outcomes;
    }
    require(response->continues <= (expects || !request ? 1 : 0), "a 100 is sent once, and only if expected");
    const auto asked = request ? request : read_strict_request(begun);
    outcomes.push_back(outcome_of(*response, asked, received));
    const Outcome::Kind kind = outcomes.back().kind;
    if (kind == Outcome::Kind::rejected || kind == Outcome::Kind::refused) {
      judge_rejection(*response, begun, request.has_value(), course);
    } else {
      require(asked.has_value(), "a malformed or incomplete head is rejected");
      judge_routed(*response, *asked, course);
    }
    closed = response->closes() || !response->has_ended;
    may_have_closed = kind == Outcome::Kind::early;
    received.remove_prefix(response->size);
    begun = requests.rest();
    if (request) request = requests.next();
  }
  if (closed || may_have_closed || course == Course::disturbed) return outcomes;
  require(!request, "a complete request gets a response without more input");
  require(begun.empty() || course == Course::open, "at the end even an incomplete request gets a response");
  return outcomes;
}

}  // namespace chopin::fuzz
