#include "http/prebuilt_response.hpp"

#include <limits>
#include <stdexcept>

#include "http/http_date.hpp"
#include "http/response_writer.hpp"

namespace chopin::http {

PrebuiltResponses::PrebuiltResponses(const std::function<void(Response&)>& complete) {
  for (std::size_t i = 0; i < rejection_count; ++i) {
    Response response;
    write_rejection(static_cast<Rejection>(i), response);
    if (complete) complete(response);
    add(response);
  }
}

ResponseId PrebuiltResponses::add(const Response& response) {
  const HttpDate date(0);  // each worker writes its own
  auto& variants = variants_.emplace_back();
  for (std::size_t i = 0; i < persistence_count; ++i) {
    const auto persistence = static_cast<Persistence>(i);
    const ResponseWriter writer{.response = response, .date = date, .persistence = persistence};
    const std::size_t begin = bytes_.size();
    bytes_.resize(begin + writer.most_head_bytes());
    bytes_.resize(static_cast<std::size_t>(writer.write_head(bytes_.data() + begin) - bytes_.data()));
    const std::size_t head_end = bytes_.size();
    date_offsets_.push_back(static_cast<std::uint32_t>(head_end - ResponseWriter::date_to_end(persistence)));
    if (!response.has_shared_body()) bytes_ += content_of(response);
    if (bytes_.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw std::length_error("the prebuilt responses take more than 4 GiB");
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
