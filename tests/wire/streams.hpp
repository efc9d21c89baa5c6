#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/exchange.hpp"
#include "harness/live_server.hpp"
#include "harness/raw_client.hpp"

namespace chopin::test {

/// Bytes whose order matters.
inline std::string letters_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return bytes;
}

inline Task<> count(Exchange& exchange) {
  std::size_t size = 0;
  std::size_t sum = 0;
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    size += part.size();
    for (const char c : part) sum = sum * 31 + static_cast<unsigned char>(c);
  }
  exchange.response().text(std::to_string(size) + " " + std::to_string(sum));
}

inline std::string counted(std::string_view bytes) {
  std::size_t sum = 0;
  for (const char c : bytes) sum = sum * 31 + static_cast<unsigned char>(c);
  return std::to_string(bytes.size()) + " " + std::to_string(sum);
}

inline Task<> copy(Exchange& exchange) {
  exchange.response().body("application/octet-stream", "").field("X-Copy", "yes");
  for (;;) {
    const std::string_view part = co_await exchange.read();
    if (part.empty()) break;
    co_await exchange.write(part);
  }
}

inline Task<> three_words(Exchange& exchange) {
  exchange.response().text("");
  co_await exchange.write("one ");
  co_await sleep_for(std::chrono::milliseconds(2));
  co_await exchange.write("two ");
  co_await exchange.write("three");
}

inline void now(const chopin::Request& /*request*/, chopin::Response& response) {
  response.text("now");
}

/// The content of chunks, and what comes after the last.
inline std::pair<std::string, std::string> unchunked(std::string_view bytes) {
  std::string content;
  for (;;) {
    const std::size_t line = bytes.find("\r\n");
    if (line == std::string_view::npos) throw std::runtime_error("no chunk");
    const std::size_t size = std::stoul(std::string(bytes.substr(0, line)), nullptr, 16);
    content += bytes.substr(line + 2, size);
    if (bytes.substr(line + 2 + size, 2) != "\r\n") throw std::runtime_error("no end of a chunk");
    bytes.remove_prefix(line + 4 + size);
    if (size == 0) return {content, std::string(bytes)};
  }
}

/// What comes until the connection closes, without the head.
inline std::string body_until_close(RawClient& client) {
  const std::string all = client.read_to_end();
  return all.substr(all.find("\r\n\r\n") + 4);
}

class Streams : public testing::Test {
 protected:
  static Router router() {
    Router router;
    router.post("/count", count, {.max_body = std::uint64_t{64} << 20}).post("/copy", copy);
    router.get("/words", three_words).get("/now", now);
    return router;
  }
};

}  // namespace chopin::test
