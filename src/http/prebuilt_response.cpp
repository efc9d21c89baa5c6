#include "http/prebuilt_response.hpp"

#include <limits>
#include <stdexcept>

#include <fmt/core.h>

#include "http/http_date.hpp"
#include "http/status.hpp"
#include "json/error_object.hpp"

namespace chopin::http {

PrebuiltResponses::PrebuiltResponses() {
  for (std::size_t i = 0; i < rejection_count; ++i) {
    const RejectionResponse answer = response_to(static_cast<Rejection>(i));
    add({.status = answer.status,
         .content_type = "application/json",
         .headers = {},
         .body = json::error_object(error_code(answer.status), answer.message)});
  }
}

ResponseId PrebuiltResponses::add(const ResponseDraft& draft) {
  auto& variants = variants_.emplace_back();
  for (std::size_t i = 0; i < persistence_count; ++i) {
    const std::size_t begin = bytes_.size();
    bytes_ += fmt::format("HTTP/1.1 {} {}\r\n", draft.status, reason_phrase(draft.status));
    if (!draft.content_type.empty()) {
      bytes_ +=
          fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", draft.content_type, draft.body.size());
    }
    bytes_ += "Server: chopin\r\n";
    for (const auto& [name, value] : draft.headers) bytes_ += fmt::format("{}: {}\r\n", name, value);
    bytes_ += "Date: ";
    date_offsets_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    bytes_.append(date_size, ' ');
    bytes_ += fmt::format("\r\n{}\r\n", connection_field(static_cast<Persistence>(i)));
    const std::size_t head_end = bytes_.size();
    bytes_ += draft.body;
    if (bytes_.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw std::length_error("the finished answers take more than 4 GiB");
    }
    variants[i] = {.offset = static_cast<std::uint32_t>(begin),
                   .head_size = static_cast<std::uint32_t>(head_end - begin),
                   .size = static_cast<std::uint32_t>(bytes_.size() - begin)};
  }
  return static_cast<ResponseId>(variants_.size() - 1);
}

DatedResponses::DatedResponses(const PrebuiltResponses& responses)
    : bytes_(responses.bytes_),
      variants_(responses.variants_.data()),
      date_offsets_(&responses.date_offsets_) {
  bytes_.append(slack, ' ');
}

void DatedResponses::set_date(std::string_view date) noexcept {
  for (const std::uint32_t offset : *date_offsets_) date.copy(bytes_.data() + offset, date_size);
}

}  // namespace chopin::http
