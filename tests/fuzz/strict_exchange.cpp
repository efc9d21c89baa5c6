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
  require(values.size() <= 1, "a field of an answer is there once");
  return values.empty() ? std::nullopt : std::optional(values.front());
}

int read_status_line(std::string_view& text) {
  constexpr std::size_t digits_at = 9;
  constexpr std::size_t reason_at = 13;
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  require(line.size() >= reason_at && line.starts_with("HTTP/1.1 ") && line[reason_at - 1] == ' ',
          "an answer begins with a status line");
  const auto status = read_strict_length(line.substr(digits_at, 3));
  require(status && *status >= 200 && *status <= 599, "a final status is 200 to 599");
  text.remove_prefix(end + 2);
  return static_cast<int>(*status);
}

bool has_no_content(int status) noexcept {
  return status == 204 || status == 304;
}

std::uint64_t announced_size(const StrictResponse& answer) {
  const auto length = only_value(answer.head, "content-length");
  require(length.has_value() != has_no_content(answer.status), "an answer tells its length if it may");
  if (!length) return 0;
  const std::uint64_t size = required(read_strict_length(*length), "a length is digits");
  require(answer.status != 205 || size == 0, "a 205 has no content");
  return size;
}

void judge_fields(const StrictResponse& answer) {
  const auto date = only_value(answer.head, "date");
  require(date && date->size() == date_size && date->ends_with(" GMT"), "an answer has a Date");
  require(only_value(answer.head, "server") == "chopin", "an answer names its server");
  require(answer.head.values("transfer-encoding").empty(), "no answer is chunked");
  const auto connection = only_value(answer.head, "connection");
  require(!connection || *connection == "close" || *connection == "keep-alive", "Connection says what stays");
}

/// Of a request that no route has seen.
bool is_rejection(const StrictResponse& answer) {
  return answer.status >= 400 && !answer.value("x-saw") && !answer.value("x-fast");
}

void judge_rejection(const StrictResponse& answer, std::string_view begun, bool is_whole, Course course) {
  constexpr int statuses[] = {400, 408, 413, 414, 417, 431, 501, 505};
  require(std::ranges::find(statuses, answer.status) != std::end(statuses), "a refusal has its status");
  require(answer.closes(), "a refusal closes the connection");
  const auto blames = [&](std::string_view what) { return answer.body.find(what) != std::string_view::npos; };
  require(!is_whole || course == Course::disturbed || !blames("ended early"),
          "a whole request has not ended early");
  require(begun.starts_with("\r\n") || !blames("empty lines"), "empty lines are counted for each request");
}

/// The answer that the routes of LoneWorker give.
void judge_routed(const StrictResponse& answer, const StrictRequest& request, Course course) {
  const auto saw = only_value(answer.head, "x-saw");
  require(saw ? *saw == request.name() : answer.value("x-fast") || answer.status == 204,
          "the answer is that to this request");
  require(answer.closes() == request.is_last() || (course == Course::disturbed && answer.closes()),
          "the connection persists as the client asks");
  require(
      answer.closes() || request.head.is_http_1_1 || only_value(answer.head, "connection") == "keep-alive",
      "a 1.0 client is told that it may stay");
  if (request.name() != "POST /echo" || answer.status != 200) return;
  require(answer.body == request.body.value_or(answer.body), "the body is the one sent");
  require(answer.body.size() == request.body_size, "the body is as long as the one sent");
}

Outcome outcome_of(const StrictResponse& answer, std::string_view received) {
  std::string bytes(received.substr(answer.head_begin, answer.size - answer.head_begin));
  constexpr std::string_view name = "\r\nDate: ";
  bytes.erase(bytes.find(name) + name.size(), date_size);
  return {.status = answer.status,
          .bytes = std::move(bytes),
          .body_size = answer.body.size(),
          .is_rejection = is_rejection(answer)};
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

/// As many as a server skips.
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
  StrictResponse answer;
  std::string_view rest = bytes;
  while (rest.starts_with(continue_response)) {
    ++answer.continues;
    rest.remove_prefix(continue_response.size());
  }
  answer.head_begin = bytes.size() - rest.size();
  if (rest.find("\r\n\r\n") == std::string_view::npos) return std::nullopt;
  answer.status = read_status_line(rest);
  require(read_strict_fields(rest, answer.head), "the fields of an answer are well-formed");
  judge_fields(answer);
  const std::size_t body_begin = bytes.size() - rest.size();
  const std::uint64_t announced = announced_size(answer);
  const std::uint64_t size = to_head ? 0 : announced;
  if (size > rest.size()) return std::nullopt;
  answer.body = rest.substr(0, size);
  answer.size = body_begin + size;
  return answer;
}

std::vector<Outcome> judge_exchange(std::string_view sent, std::string_view received, Course course) {
  std::vector<Outcome> outcomes;
  StrictRequests requests(sent);
  std::string_view begun = requests.rest();
  auto request = requests.next();
  bool closed = false;
  while (!received.empty()) {
    require(!closed, "nothing follows the last answer");
    require(!begun.empty() || course == Course::disturbed, "nothing is answered that was not asked");
    const bool expects = request && !request->head.values("expect").empty();
    auto answer = read_strict_response(received, begun.starts_with("HEAD "));
    // A timeout may have come when the method was not yet whole.
    if (answer && answer->status == 408 && answer->size < received.size()) {
      answer = read_strict_response(received, false);
    }
    if (!answer) {
      require(course == Course::disturbed || (course == Course::open && received == continue_response),
              "every answer is whole");
      return outcomes;
    }
    require(answer->continues <= (expects || !request ? 1 : 0), "a 100 is for who expects it, once");
    if (is_rejection(*answer)) {
      judge_rejection(*answer, begun, request.has_value(), course);
    } else {
      require(request.has_value(), "what is no request is refused");
      judge_routed(*answer, *request, course);
    }
    closed = answer->closes();
    outcomes.push_back(outcome_of(*answer, received));
    received.remove_prefix(answer->size);
    begun = requests.rest();
    if (request) request = requests.next();
  }
  if (closed || course == Course::disturbed) return outcomes;
  require(!request, "a whole request is answered, whether more comes or not");
  require(begun.empty() || course == Course::open, "at the end what has begun is answered");
  return outcomes;
}

}  // namespace chopin::fuzz
