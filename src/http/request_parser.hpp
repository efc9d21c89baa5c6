#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/version.hpp>

#include "chopin/config.hpp"
#include "chopin/method.hpp"
#include "http/chunk_framing.hpp"
#include "http/rejection.hpp"
#include "http/request_head.hpp"
#include "http/target.hpp"
#include "text/bytes.hpp"

namespace chopin::http {

/// Memory that the parsers of one worker share, one after the other.
struct ParserScratch {
  explicit ParserScratch(const Limits& limits) : ParserScratch(limits, limits.max_body) {}
  ParserScratch(const Limits& limits, std::uint64_t most_body_of_any_route)
      : fields(std::max(limits.max_fields, most_plain_head / least_field)),
        most_fields(limits.max_fields),
        most_scanned(std::min(limits.max_head, most_plain_head)),
        most_body(most_body_of_any_route) {}

  /// Larger heads are rare.
  static constexpr std::uint32_t most_plain_head = 4096;
  /// "A:" and a line end: so `fields` has room for those of every plain head, and they are counted at its
  /// end.
  static constexpr std::uint32_t least_field = 4;

  /// Whether this is the last valid Host, if that has the size of most: clients seldom send another.
  [[nodiscard, gnu::always_inline]] bool is_known_host(std::string_view value) const noexcept {
    return value.size() >= text::least_compared_inline && value.size() == known_host.size() &&
           text::same_bytes(value, known_host);
  }
  /// Whether this is a valid Host. It may be empty: RFC 9110 section 7.2 asks for that if the target has no
  /// authority.
  [[nodiscard]] bool is_host(std::string_view value) {
    if (is_known_host(value)) return true;
    if (!value.empty() && !is_host_and_port(value)) return false;
    known_host.assign(value);
    return true;
  }

  std::vector<Field> fields;       ///< of the head parsed last
  std::size_t most_fields;         ///< of a head
  std::size_t most_scanned;        ///< bytes of a head that `scan_head` reads; 0: it reads none
  std::uint64_t most_body;         ///< that a head may announce
  const Field* host = nullptr;     ///< in the head scanned last
  const Field* framing = nullptr;  ///< Content-Length or Transfer-Encoding, in the same
  std::string known_host;          ///< the last valid Host
};

/// Parses one HTTP/1 request (RFC 9112) in place; later minor versions are read as 1.1, as RFC 9110
/// section 2.5 asks. Beast finds the parts; what Beast accepts and a strict server must not is refused in the
/// callbacks, and in ChunkFraming before Beast gets the framing.
///
/// A head is parsed as a whole: while it is incomplete nothing is kept, and a new parser starts again from
/// its first byte. So the fields are needed only until the response, and all connections of a worker share
/// their memory. A body may arrive in any pieces.
///
/// A line that can never be part of a valid request is refused when it has ended, whether more of the head
/// follows or not. The first such line counts, so the rejection does not depend on how the head is split.
class RequestParser final : private boost::beast::http::basic_parser<true> {
  using Base = boost::beast::http::basic_parser<true>;

 public:
  enum class Progress : std::uint8_t { incomplete, complete, rejected };

  /// Both must outlive the parser.
  RequestParser(const Limits& limits, ParserScratch& scratch) noexcept
      : limits_(limits), scratch_(scratch), most_body_(scratch.most_body) {
    // Both limits are checked here instead: Beast counts the head from the start of the current put, and
    // would report a body over the limit before the rest of the head has been judged.
    header_limit(UINT32_MAX);
    body_limit(boost::none);
  }

  /// Parses the head at the start of `bytes`. If incomplete, call a new parser with more bytes.
  Progress parse_head(std::string_view bytes);
  /// Parses body bytes, after the head. Sets `consumed` to the number of bytes parsed and appends their
  /// content, without framing, to `content` if it is not null.
  Progress parse_body(std::string_view bytes, std::size_t& consumed, std::string* content = nullptr);

  /// Accepts fewer body bytes than `ParserScratch::most_body`. To be called before `parse_body`.
  void limit_body(std::uint64_t most) noexcept { most_body_ = most; }

  /// Valid once the request is rejected.
  [[nodiscard]] Rejection rejection() const noexcept { return rejection_; }

  /// The fields before the first fault, if the head is not complete or rejected.
  [[nodiscard]] std::span<const Field> fields_so_far() const noexcept {
    return {scratch_.fields.data(), field_count_};
  }

  // The rest is valid once the head is complete. The method is also valid if a later part of the head was
  // rejected.

  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }
  [[nodiscard]] TargetForm target_form() const noexcept { return target_form_; }
  [[nodiscard]] bool has_body() const noexcept { return !is_done(); }
  /// The client waits for a 100 before it sends the body (RFC 9110 section 10.1.1).
  [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_ && has_body(); }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, string_view method, string_view target, int version,
                       error_code&) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field, string_view name, string_view value, error_code&) override;
#if BOOST_VERSION >= 109000  // older ones give trailers to on_field_impl
  void on_trailer_field_impl(boost::beast::http::field name, string_view raw_name, string_view raw_value,
                             error_code& ec) override {
    on_field_impl(name, raw_name, raw_value, ec);
  }
#endif
  void on_header_impl(error_code&) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view, error_code&) override;
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override;
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override;
  void on_finish_impl(error_code&) override {}

  std::size_t take_plain_chunks(std::string_view bytes);
  void reject(Rejection, error_code&) noexcept;
  [[nodiscard]] Rejection rejection_for(const error_code&) const noexcept;
  [[nodiscard]] Rejection judge_version() const noexcept;
  [[nodiscard]] bool has_later_minor_version() const noexcept;
  std::size_t put_with_later_version(error_code&);
  [[nodiscard]] Rejection judge_size() const noexcept;
  [[nodiscard]] Rejection judge_unfinished(const error_code&, std::size_t consumed);
  [[nodiscard]] Rejection judge_last_line(std::string_view line);
  [[nodiscard]] Rejection judge_head() noexcept;
  [[nodiscard]] Rejection replace_host() noexcept;
  void note_host(std::string_view value, error_code&);
  void note_connection(std::string_view value) noexcept;
  void note_content_length(std::string_view value, error_code&) noexcept;
  void note_transfer_encoding(std::string_view value, error_code&) noexcept;
  void note_expect(std::string_view value) noexcept;
  [[nodiscard]] bool keeps_alive() const noexcept {
    return !connection_close_ && (head_.is_http_1_1 || connection_keep_alive_);
  }
  [[nodiscard]] std::uint64_t body_size() const noexcept;
  [[nodiscard]] bool is_folded(std::string_view name, std::string_view value) const noexcept;

  const Limits& limits_;
  ParserScratch& scratch_;
  std::uint64_t most_body_;
  std::string_view window_;  // the bytes Beast is parsing
  RequestHead head_;
  std::string* content_ = nullptr;  // while a body is parsed
  ChunkFraming chunk_framing_;
  std::uint64_t chunk_remaining_ = 0;
  std::uint64_t received_ = 0;  // of a chunked body, with the chunk that has begun
  std::uint32_t field_count_ = 0;
  std::uint32_t host_at_ = 0;  // in the fields, if seen
  Rejection rejection_ = Rejection::none;
  TargetForm target_form_ = TargetForm::malformed;
  bool request_line_done_ = false;
  bool is_last_line_again_ = false;
  bool host_seen_ = false;
  bool connection_close_ = false;
  bool connection_keep_alive_ = false;
  bool content_length_seen_ = false;
  bool transfer_encoding_seen_ = false;
  bool transfer_coding_unknown_ = false;
  bool chunked_ = false;
  bool expect_seen_ = false;
  bool expects_continue_ = false;
  bool expectation_unknown_ = false;
  bool in_body_ = false;
};

}  // namespace chopin::http
