#include "chopin/multipart.hpp"

#include <fmt/format.h>

#include "chopin/error.hpp"
#include "chopin/percent.hpp"
#include "http/media_type.hpp"
#include "http/multipart_head.hpp"
#include "http/multipart_parser.hpp"

namespace chopin {
namespace {

using Event = http::MultipartEvent;

std::string_view boundary_of_body(const Request& request) {
  http::refuse_content_coding(request.fields());
  const auto types = request.field_values("Content-Type");
  if (types.size() > 1) throw HttpError(400, "the Content-Type is there twice");
  return http::boundary_of(types.empty() ? std::string_view() : types.front());
}

}  // namespace

std::string_view Multipart::Part::name() const noexcept {
  return form_.parser_->head().name;
}

std::optional<std::string_view> Multipart::Part::file_name() const noexcept {
  return form_.parser_->head().file_name;
}

std::string_view Multipart::Part::content_type() const noexcept {
  return form_.parser_->head().content_type;
}

Task<std::optional<std::string_view>> Multipart::Part::read() {
  if (!form_.is_in_part_) co_return std::nullopt;
  const Event event = co_await form_.advance();  // g++ 12 miscompiles a comparison in place
  if (event == Event::bytes) co_return form_.parser_->bytes();
  form_.is_in_part_ = false;
  co_return std::nullopt;
}

Task<std::string> Multipart::Part::text() {
  std::string text;
  while (const auto bytes = co_await read()) {
    form_.count_text(bytes->size());
    text += *bytes;
  }
  co_return text;
}

Multipart::Multipart(Exchange& exchange, const MultipartLimits& limits)
    : exchange_(exchange),
      limits_(limits),
      parser_(std::make_unique<http::MultipartParser>(boundary_of_body(exchange.request()), limits)) {}

Multipart::~Multipart() = default;

Task<Multipart::Part*> Multipart::next() {
  while (is_in_part_) static_cast<void>(co_await part_.read());
  const Event event = co_await advance();
  if (event == Event::end) co_return nullptr;
  is_in_part_ = true;
  co_return &part_;
}

Task<std::string> Multipart::fields() {
  std::string encoded;
  while (Part* const part = co_await next()) {
    if (part->file_name()) continue;
    count_text(part->name().size());
    if (!encoded.empty()) encoded += '&';
    encoded += percent_encoded(part->name());
    encoded += '=';
    while (const auto bytes = co_await part->read()) {
      count_text(bytes->size());
      encoded += percent_encoded(*bytes);
    }
  }
  co_return encoded;
}

/// What happens next in the body.
Task<Event> Multipart::advance() {
  for (;;) {
    const Event event = parser_->next(input_);
    if (event != Event::needs_input) co_return event;
    input_ = co_await exchange_.read();
    if (input_.empty()) co_return parser_->finish();
  }
}

void Multipart::count_text(std::size_t size) {
  text_size_ += size;
  if (text_size_ > limits_.max_text)
    throw HttpError(413, fmt::format("the texts of the form have more than {} bytes", limits_.max_text));
}

}  // namespace chopin
