#include "chopin/multipart.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {
namespace multipart {

struct Login {
  std::string user;
  std::vector<std::string> roles;
  std::uint16_t age = 0;

  static constexpr auto json_members =
      members(member("user", &Login::user).pattern("^[a-z&= +%\xc3\xa4]+$"), member("roles", &Login::roles),
              member("age", &Login::age).range(18, 99));
};

}  // namespace multipart

namespace {

using multipart::Login;

std::size_t sum_of(std::string_view bytes, std::size_t sum = 0) {
  for (const char c : bytes) sum = sum * 31 + static_cast<unsigned char>(c);
  return sum;
}

std::string described(std::string_view name, std::string_view file, std::string_view type, std::size_t size,
                      std::size_t sum) {
  return fmt::format("{}|{}|{}|{}|{}\n", name, file, type, size, sum);
}

/// Says what the parts are, and the size of the largest piece if it is over 64 KiB.
Task<> describe(Exchange& exchange) {
  Multipart form(exchange);
  std::string said;
  std::size_t largest = 0;
  while (auto* const part = co_await form.next()) {
    std::size_t size = 0;
    std::size_t sum = 0;
    while (const auto bytes = co_await part->read()) {
      largest = std::max(largest, bytes->size());
      size += bytes->size();
      sum = sum_of(*bytes, sum);
    }
    const auto after_end = co_await part->read();
    if (after_end) said += "more after the end\n";
    said += described(part->name(), part->file_name().value_or("-"), part->content_type(), size, sum);
  }
  const auto* const after_end = co_await form.next();
  if (after_end != nullptr) said += "more after the end\n";
  if (largest > std::size_t{64} * 1024) said += "a large piece\n";
  exchange.response().text(said);
}

/// Reads one byte or less of each part.
Task<> skim(Exchange& exchange) {
  Multipart form(exchange, {.max_parts = 3, .max_part = 100'000});
  std::string names;
  while (auto* const part = co_await form.next()) {
    if (names.empty()) static_cast<void>(co_await part->read());
    names += std::string(part->name()) + ' ';
  }
  exchange.response().text(names);
}

Task<> log_in(Exchange& exchange) {
  Multipart form(exchange, {.max_text = 100});
  const auto login = co_await form.as<Login>();
  std::string said = login.user;
  for (const std::string& role : login.roles) said += ' ' + role;
  exchange.response().text(said);
}

Task<> read_texts(Exchange& exchange) {
  Multipart form(exchange, {.max_text = 4});
  std::string texts;
  while (auto* const part = co_await form.next()) {
    texts += co_await part->text();
    texts += '.';
  }
  exchange.response().text(texts);
}

/// Responds without having read anything.
Task<> ignore(Exchange& exchange) {
  const Multipart form(exchange);
  exchange.response().text("ignored");
  co_return;
}

const std::string boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

std::string form_part(const std::string& name, const std::string& content, const std::string& more = "") {
  return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + '"' + more + "\r\n\r\n" +
         content + "\r\n";
}

std::string form_end() {
  return "--" + boundary + "--\r\n";
}

std::string form_head(const std::string& path, const std::string& fields) {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=" + boundary +
         "\r\n" + fields + "\r\n";
}

std::string post_form(const std::string& path, const std::string& body) {
  return form_head(path, "Content-Length: " + std::to_string(body.size()) + "\r\n") + body;
}

std::string post_form_chunked(const std::string& path, std::string_view body, std::size_t size) {
  std::string request = form_head(path, "Transfer-Encoding: chunked\r\n");
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string_view chunk = body.substr(at, size);
    request += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  return request + "0\r\n\r\n";
}

/// Bytes in which boundaries often seem to begin.
std::string file_of(std::size_t size) {
  std::string bytes;
  bytes.reserve(size + boundary.size() + 4);
  for (std::size_t i = 0; bytes.size() < size; ++i) {
    bytes += i % 3 == 0 ? std::string("\r\n--") + boundary.substr(0, i % boundary.size())
                        : std::string(i % 251, '\r');
    bytes += static_cast<char>('0' + i % 5);  // of no boundary
  }
  bytes.resize(size);
  return bytes;
}

class Forms : public testing::Test {
 protected:
  static Router router() {
    const RouteOptions large{.max_body = std::uint64_t{64} << 20};
    Router router;
    router.post("/describe", describe, large).post("/skim", skim).post("/login", log_in);
    router.post("/texts", read_texts).post("/ignore", ignore).post("/small", describe, {.max_body = 1000});
    return router;
  }

  [[nodiscard]] Response send(const std::string& request) const { return ask(server_.port(), request); }

  LiveServer server_{test_config(), router()};
};

TEST_F(Forms, are_read_part_by_part_from_a_body_of_either_framing) {
  const std::string file = file_of(100'000);
  const std::string body = form_part("a", "text") +
                           form_part("f", file, "; filename=\"a%22.png\"\r\nContent-Type: image/png") +
                           form_part("empty", "", "; filename=\"\"") + form_end();
  const std::string expected = described("a", "-", "text/plain", 4, sum_of("text")) +
                               described("f", "a\".png", "image/png", file.size(), sum_of(file)) +
                               described("empty", "", "text/plain", 0, 0);
  EXPECT_EQ(send(post_form("/describe", body)).body, expected);
  for (const std::size_t chunk : {1'000'000U, 4096U, 61U})
    EXPECT_EQ(send(post_form_chunked("/describe", body, chunk)).body, expected) << chunk;
}

TEST_F(Forms, are_read_however_their_bytes_are_split) {
  const std::string body =
      form_part("a", "\r\n--x\r\n") + form_part("b", "", "; filename=f") + form_end() + "after";
  const std::string request = post_form("/describe", body);
  const std::string expected =
      described("a", "-", "text/plain", 7, sum_of("\r\n--x\r\n")) + described("b", "f", "text/plain", 0, 0);
  const std::size_t head_size = request.size() - body.size();
  RawClient client(server_.port());
  for (std::size_t at = head_size; at < request.size(); ++at) {
    client.send(request.substr(0, at));
    client.send(request.substr(at));
    EXPECT_EQ(client.read_response().body, expected) << at - head_size;
  }
}

TEST_F(Forms, with_a_file_larger_than_any_buffer_are_read_in_small_pieces) {
  const std::string file = file_of(std::size_t{4} << 20);
  const std::string body = form_part("f", file, "; filename=large") + form_part("a", "b") + form_end();
  const std::string expected = described("f", "large", "text/plain", file.size(), sum_of(file)) +
                               described("a", "-", "text/plain", 1, sum_of("b"));
  RawClient client(server_.port());
  client.send(post_form("/describe", body));
  EXPECT_EQ(client.read_response().body, expected);
  client.send(post_form_chunked("/describe", body, 70'000));
  EXPECT_EQ(client.read_response().body, expected);
}

TEST_F(Forms, skip_what_the_handler_does_not_read_of_a_part) {
  RawClient client(server_.port());
  for (int i = 0; i < 2; ++i) {
    client.send(
        post_form("/skim", form_part("a", file_of(90'000)) + form_part("b", file_of(90'000)) + form_end()));
    EXPECT_EQ(client.read_response().body, "a b ");
  }
}

TEST_F(Forms, over_a_limit_are_refused) {
  const std::string parts = form_part("a", "") + form_part("b", "") + form_part("c", "");
  EXPECT_EQ(send(post_form("/skim", parts + form_end())).status, 200);
  const Response refusal = send(post_form("/skim", parts + form_part("d", "") + form_end()));
  EXPECT_EQ(refusal.status, 413);
  EXPECT_NE(refusal.body.find("the form has more than 3 parts"), std::string::npos) << refusal.body;
  const Response large = send(post_form("/skim", form_part("a", std::string(100'001, 'x')) + form_end()));
  EXPECT_EQ(large.status, 413);
  EXPECT_NE(large.body.find("a part of the form has more than 100000 bytes"), std::string::npos)
      << large.body;
  EXPECT_EQ(send(post_form("/small", form_part("a", std::string(1000, 'x')) + form_end())).status, 413);
  EXPECT_EQ(
      send(post_form_chunked("/small", form_part("a", std::string(1000, 'x')) + form_end(), 100)).status,
      413);
}

TEST_F(Forms, that_are_malformed_are_refused_and_the_next_connection_is_served) {
  for (const std::string& body :
       {std::string(), form_part("a", "b"), form_part("a", "b") + "--" + boundary,
        "--" + boundary + "\n" + form_end(), "--" + boundary + "\r\n\r\nx\r\n" + form_end(),
        form_part("a\xff", "b") + form_end()}) {
    EXPECT_EQ(send(post_form("/describe", body)).status, 400) << body;
    EXPECT_EQ(send(post_form_chunked("/describe", body, 10)).status, 400) << body;
  }
  EXPECT_EQ(send(post_form("/describe", form_end())).status, 200);
}

TEST_F(Forms, of_other_types_are_refused) {
  const auto status_of = [this](const std::string& fields) {
    return send("POST /describe HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: 0\r\n\r\n").status;
  };
  const std::string type = "Content-Type: multipart/form-data";
  EXPECT_EQ(status_of(""), 415);
  EXPECT_EQ(status_of("Content-Type: text/plain\r\n"), 415);
  EXPECT_EQ(status_of(type + "; boundary=a\r\nContent-Encoding: gzip\r\n"), 415);
  EXPECT_EQ(status_of(type + "\r\n"), 400);
  EXPECT_EQ(status_of(type + "; boundary=\"\xc3\xa4\"\r\n"), 400);
  EXPECT_EQ(status_of(type + "; boundary=a\r\n" + type + "; boundary=b\r\n"), 400);
}

TEST_F(Forms, give_their_texts_as_a_struct_without_the_files) {
  const std::string ok = form_part("user", "a&b=c +%\xc3\xa4") + form_part("roles", "one") +
                         form_part("roles", "two") + form_part("file", "content", "; filename=\"\"") +
                         form_part("age", "20") + form_end();
  EXPECT_EQ(send(post_form("/login", ok)).body, "a&b=c +%\xc3\xa4 one two");
  const Response wrong = send(
      post_form("/login", form_part("user", "A") + form_part("age", "7") + form_part("x", "") + form_end()));
  EXPECT_EQ(wrong.status, 422);
  for (const char* fault :
       {R"("user":"must match ^)", R"("age":"must be an integer from 18 to 99")", R"("x":"is not known")"})
    EXPECT_NE(wrong.body.find(fault), std::string::npos) << wrong.body;
}

TEST_F(Forms, keep_no_more_text_in_memory_than_they_may) {
  EXPECT_EQ(send(post_form("/texts", form_part("a", "12") + form_part("b", "34") + form_end())).body,
            "12.34.");
  EXPECT_EQ(send(post_form("/texts", form_part("a", "12") + form_part("b", "345") + form_end())).status, 413);
  const Response refusal = send(post_form("/login", form_part("user", std::string(97, 'a')) + form_end()));
  EXPECT_EQ(refusal.status, 413);
  EXPECT_NE(refusal.body.find("the texts of the form have more than 100 bytes"), std::string::npos)
      << refusal.body;
}

TEST_F(Forms, that_the_handler_does_not_read_end_their_connection) {
  const Response response = send(post_form("/ignore", form_part("a", file_of(500'000)) + form_end()));
  EXPECT_EQ(response.body, "ignored");
  EXPECT_EQ(response.field("Connection"), "close");
}

TEST_F(Forms, refuse_the_framing_of_a_body_also_after_the_last_boundary) {
  const std::string body = form_part("a", "b") + form_end();
  const std::string request = form_head("/describe", "Transfer-Encoding: chunked\r\n") +
                              fmt::format("{:x}\r\n{}\r\nx\r\n", body.size(), body);
  EXPECT_EQ(send(request).status, 400);
}

}  // namespace
}  // namespace chopin::test
