#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/rejection.hpp"

namespace chopin::http {

/// What the answer says about the connection (RFC 9112 section 9.3). A 1.1 client takes silence for
/// keep-alive, a 1.0 client must be told.
// NOLINTNEXTLINE(performance-enum-size): of two bytes in one argument each costs a shift and a mask
enum class Persistence : std::uint32_t { keep_alive, close, keep_alive_http_1_0 };
inline constexpr std::size_t persistence_count = 3;

/// The field line that says it, with its CR LF.
constexpr std::string_view connection_field(Persistence persistence) noexcept {
  switch (persistence) {
    case Persistence::keep_alive: return "";
    case Persistence::close: return "Connection: close\r\n";
    case Persistence::keep_alive_http_1_0: return "Connection: keep-alive\r\n";
  }
  return "";
}

/// Names one answer of a PrebuiltResponses.
enum class ResponseId : std::uint32_t {};

/// Everything that is known of an answer before it is asked for.
struct ResponseDraft {
  using Headers = std::vector<std::pair<std::string, std::string>>;

  std::uint16_t status = 200;
  std::string content_type;  ///< empty: neither Content-Type nor Content-Length is sent, as on a 204
  Headers headers;           ///< between Server and Date
  std::string body;
};

/// Finished answers, one after the other, each in its three persistences. Built once, then shared read-only.
class PrebuiltResponses {
 public:
  /// Starts with an answer for every Rejection.
  PrebuiltResponses();

  ResponseId add(const ResponseDraft& draft);

  [[nodiscard]] static constexpr ResponseId id_of(Rejection rejection) noexcept {
    return static_cast<ResponseId>(rejection);
  }

 private:
  friend class DatedResponses;

  struct Variant {
    std::uint32_t offset = 0;
    std::uint32_t head_size = 0;
    std::uint32_t size = 0;
  };

  std::string bytes_;
  std::vector<std::array<Variant, persistence_count>> variants_;
  std::vector<std::uint32_t> date_offsets_;
};

/// One worker's copy of the finished answers, with the Date of its clock in them.
class DatedResponses {
 public:
  /// So many bytes behind an answer may be read too, so that it can be copied in blocks, a small one in a
  /// single one.
  static constexpr std::size_t slack = 160;

  /// `responses` outlives this. The Date must be set before the first answer is read.
  explicit DatedResponses(const PrebuiltResponses& responses);

  /// Writes an IMF-fixdate into every answer.
  void set_date(std::string_view date) noexcept;

  /// The bytes to send. For HEAD the body is left out (RFC 9110 section 9.3.2).
  [[nodiscard]] std::string_view bytes(ResponseId id, Persistence persistence,
                                       bool head_only) const noexcept {
    const auto& variant = variants_[static_cast<std::size_t>(id)][static_cast<std::size_t>(persistence)];
    return {bytes_.data() + variant.offset, head_only ? variant.head_size : variant.size};
  }

 private:
  std::string bytes_;
  const std::array<PrebuiltResponses::Variant, persistence_count>* variants_;
  const std::vector<std::uint32_t>* date_offsets_;
};

}  // namespace chopin::http
