#include "chopin/middleware.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <random>

#include <fmt/core.h>

#include "http/response_writer.hpp"
#include "routing/log_request.hpp"
#include "routing/request_id_note.hpp"
#include "text/characters.hpp"

namespace chopin::middleware {
namespace {

/// Whether the id is safe wherever it is written: in a field, a log line, a URL.
bool is_safe(std::string_view id) noexcept {
  constexpr std::size_t most_bytes = 128;
  constexpr std::string_view symbols = "-_.";
  const auto is_plain = [&](char c) {
    const char lower = text::to_lower(c);
    return (lower >= 'a' && lower <= 'z') || text::is_in(c, text::character_class::digit) ||
           symbols.find(c) != std::string_view::npos;
  };
  return !id.empty() && id.size() <= most_bytes && std::ranges::all_of(id, is_plain);
}

/// Seeded with more bits than an id has: with one word of `random_device` two workers could share a seed.
std::mt19937_64 seeded_generator() {
  std::array<std::random_device::result_type, 8> words{};
  std::random_device source;
  for (auto& word : words) word = source();
  std::seed_seq seed(words.begin(), words.end());
  return std::mt19937_64(seed);
}

/// 128 random bits: enough to tell requests apart, but not a secret.
std::string make_id() {
  thread_local std::mt19937_64 generator = seeded_generator();
  return fmt::format("{:016x}{:016x}", generator(), generator());
}

}  // namespace

Middleware request_id(std::string reason) {
  return {.name = "request-id",
          .reason = std::move(reason),
          .before =
              [](Request& request, Response&) {
                const std::string_view sent = request.field(routing::request_id_field);
                request.set_note(routing::request_id_note, is_safe(sent) ? std::string(sent) : make_id());
                return Verdict::next();
              },
          .after =
              [](const Request& request, Response& response) {
                response.replace_field(routing::request_id_field, request.note(routing::request_id_note));
              }};
}

Middleware request_log(std::string reason) {
  return {.name = "request-log",
          .reason = std::move(reason),
          .before =
              [](Request& request, Response&) {
                request.start_clock();
                return Verdict::next();
              },
          .after =
              [](const Request& request, Response& response) {
                if (!request.log().is_enabled(LogLevel::info)) return;
                const std::size_t bytes =
                    request.method() == Method::head ? 0 : http::content_of(response).size();
                const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(request.elapsed());
                routing::log_request(
                    request, LogLevel::info, "request",
                    {{"status", response.status()}, {"bytes", bytes}, {"latency_us", latency.count()}});
              }};
}

}  // namespace chopin::middleware
