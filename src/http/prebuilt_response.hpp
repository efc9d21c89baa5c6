#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/response.hpp"
#include "http/persistence.hpp"
#include "http/rejection.hpp"
#include "text/copy.hpp"

namespace chopin::http {

/// Identifies one response of a PrebuiltResponses.
enum class ResponseId : std::uint32_t {};

/// The prebuilt responses, one after the other, each once per Persistence. Built once, then shared read-only.
class PrebuiltResponses {
 public:
  /// Starts with a response for every Rejection, to which `complete` may add fields.
  explicit PrebuiltResponses(const std::function<void(Response&)>& complete = {});

  /// A response with a shared body is kept without it: its head is all there is.
  ResponseId add(const Response& response);

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

/// One worker's copy of the prebuilt responses, with the Date of its clock in them.
class DatedResponses {
 public:
  /// Bytes that may be read after the end of a response, so that it can be copied in blocks: a small one in a
  /// single block.
  static constexpr std::size_t slack = text::copy_step;

  /// `responses` must outlive this, and the Date be set before the first response is read.
  explicit DatedResponses(const PrebuiltResponses& responses);

  /// Writes an IMF-fixdate into every response.
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
