#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/config.hpp"
#include "http/request_parser.hpp"
#include "strict_reader.hpp"

namespace chopin::fuzz {

/// Sends one connection's bytes through the parser as connection::RequestReader does: while a head is
/// incomplete, each attempt parses it from the start with a new parser; a body is parsed in pieces as they
/// arrive, until a request ends the connection. The outcome of each request is recorded, so that two
/// deliveries of one stream can be compared, and is checked against the strict reader.
///
/// Unlike the session it parses at every piece. The session waits for the end of a line before it parses a
/// large head again, which changes nothing if the outcome does not depend on how the stream is cut.
class Delivery {
 public:
  Delivery(std::string_view stream, const Limits& limits)
      : stream_(stream), limits_(limits), scratch_(limits) {}

  /// The next `size` bytes of the stream arrive, or as many as are left.
  void receive(std::size_t size);
  /// The client sends no more.
  void finish();

  [[nodiscard]] bool has_more() const noexcept { return received_ < stream_.size(); }
  /// One line for each request and for the end.
  [[nodiscard]] const std::vector<std::string>& outcomes() const noexcept { return outcomes_; }

 private:
  using Parser = http::RequestParser;

  [[nodiscard]] std::string_view pending() const noexcept {
    return stream_.substr(begin_, received_ - begin_);
  }
  bool serve_next();
  bool skip_empty_lines();
  bool read_head();
  bool read_body(Parser& parser);
  void judge_head(const Parser& parser, std::string_view bytes);
  void replace_host();
  void judge_fields(const Parser& parser, std::string_view head);
  void judge_framing(const Parser& parser) const;
  void judge_body() const;
  void note_head(const Parser& parser);
  void reject(const Parser& parser, std::string_view part);
  bool wait_for_input();
  void end(std::string_view how);

  std::string_view stream_;
  const Limits& limits_;
  http::ParserScratch scratch_;
  std::unique_ptr<Parser> upload_;  // of a request with an incomplete body
  StrictHead strict_;               // of the last request; views into the stream
  std::vector<std::string> outcomes_;
  std::size_t received_ = 0;
  std::size_t begin_ = 0;  // of the bytes not yet consumed
  std::size_t body_begin_ = 0;
  std::uint32_t empty_lines_ = 0;
  bool closes_ = false;  // once the last request's body is complete
  bool ended_ = false;
};

}  // namespace chopin::fuzz
