#include "strict_exchange.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "require.hpp"

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
  require(length.has_value() != has_no_content(response.status),
          "a response has Content-Length unless it must not");
  if (!length) return 0;
  const std::uint64_t size = required(read_strict_length(*length), "a length is digits");
  require(response.status != 205 || size == 0, "a 205 has no content");
  return size;
}

void judge_fields(const StrictResponse& response) {
  const auto date = only_value(response.head, "date");
  require(date && date->size() == date_size && date->ends_with(" GMT"), "a response has a Date");
  require(only_value(response.head, "server") == "chopin", "a response has Server: chopin");
  require(response.head.values("transfer-encoding").empty(), "no response is chunked");
  const auto connection = only_value(response.head, "connection");
  require(!connection || *connection == "close" || *connection == "keep-alive",
          "Connection is close or keep-alive");
}

/// Whether it is for a request that no route has seen.
bool is_rejection(const StrictResponse& response) {
  return response.status >= 400 && !response.value("x-saw") && !response.value("x-fast");
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
  require(response.closes() == request.is_last() || (course == Course::disturbed && response.closes()),
          "the connection persists as the client asks");
  require(response.closes() || request.head.is_http_1_1 ||
              only_value(response.head, "connection") == "keep-alive",
          "a 1.0 client gets Connection: keep-alive");
  if (request.name() != "POST /echo" || response.status != 200) return;
  require(response.body == request.body.value_or(response.body), "the body is the one sent");
  require(response.body.size() == request.body_size, "the body is as long as the one sent");
}

Outcome outcome_of(const StrictResponse& response, std::string_view received) {
  std::string bytes(received.substr(response.head_begin, response.size - response.head_begin));
  constexpr std::string_view name = "\r\nDate: ";
  bytes.erase(bytes.find(name) + name.size(), date_size);
  return {.status = response.status,
          .bytes = std::move(bytes),
          .body_size = response.body.size(),
          .is_rejection = is_rejection(response)};
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

std::optional<StrictRequest> StrictRequests::next() {
  const auto head = read_strict_head(rest_);
  if (!head) return std::nullopt;
  StrictRequest request{.head = *head};
  std::string_view rest = rest_.substr(head->size);
  const auto codings = head->values("transfer-encoding");
  const auto lengths = head->values("content-length");
  if (codings.size() + lengths.size() > 1) return std::nullopt;
  if (!codings.empty()) {
    const auto chunks = read_strict_chunks(rest);
    if (!equals_lower_case(codings.front(), "chunked") || !chunks) return std::nullopt;
    request.body_size = chunks->data_size;
    rest.remove_prefix(chunks->size);
  } else if (!lengths.empty()) {
    const auto length = read_strict_length(lengths.front());
    if (!length || *length > rest.size()) return std::nullopt;
    request.body_size = *length;
    request.body = rest.substr(0, *length);
    rest.remove_prefix(*length);
  }
  rest_ = rest;
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
  const std::size_t body_begin = bytes.size() - rest.size();
  const std::uint64_t announced = announced_size(response);
  const std::uint64_t size = to_head ? 0 : announced;
  if (size > rest.size()) return std::nullopt;
  response.body = rest.substr(0, size);
  response.size = body_begin + size;
  return response;
}

std::vector<Outcome> judge_exchange(std::string_view sent, std::string_view received, Course course) {
  std::vector<Outcome> outcomes;
  StrictRequests requests(sent);
  std::string_view begun = requests.rest();
  auto request = requests.next();
  bool closed = false;
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
    if (is_rejection(*response)) {
      judge_rejection(*response, begun, request.has_value(), course);
    } else {
      require(request.has_value(), "a malformed or incomplete request is rejected");
      judge_routed(*response, *request, course);
    }
    closed = response->closes();
    outcomes.push_back(outcome_of(*response, received));
    received.remove_prefix(response->size);
    begun = requests.rest();
    if (request) request = requests.next();
  }
  if (closed || course == Course::disturbed) return outcomes;
  require(!request, "a complete request gets a response without more input");
  require(begun.empty() || course == Course::open, "at the end even an incomplete request gets a response");
  return outcomes;
}

}  // namespace chopin::fuzz
