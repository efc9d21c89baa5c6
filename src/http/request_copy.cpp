#include "http/request_copy.hpp"

#include <utility>

#include "text/copy.hpp"

namespace chopin::http {
namespace {

std::size_t size_of(const Request::Parts& parts) noexcept {
  std::size_t size = parts.target.size() + parts.path.size();
  for (const auto& [name, value] : parts.fields) size += name.size() + value.size();
  for (const auto& [name, value] : parts.params) size += name.size() + value.size();
  return size;
}

}  // namespace

void RequestCopy::assign(const Request& original) {
  Request::Parts parts = original.parts();
  bytes_.clear();
  body_ = original.shared_body();
  const std::size_t body_size = body_ == nullptr ? parts.body.size() : 0;
  char* out = bytes_.prepare(size_of(parts) + body_size);
  const auto keep = [&out](std::string_view text) {
    char* const begin = std::exchange(out, text::put(out, text));
    return std::string_view(begin, text.size());
  };
  fields_.resize(parts.fields.size());
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    fields_[i] = {.name = keep(parts.fields[i].name), .value = keep(parts.fields[i].value)};
  }
  // The names of parameters too: the route table may go before a late response.
  params_.resize(parts.params.size());
  for (std::size_t i = 0; i < params_.size(); ++i) {
    params_[i] = {.name = keep(parts.params[i].name), .value = keep(parts.params[i].value)};
  }
  parts.target = keep(parts.target);
  parts.path = keep(parts.path);
  if (body_ == nullptr) parts.body = keep(parts.body);
  parts.shared_body = &body_;
  bytes_.commit(out);
  parts.fields = fields_;
  parts.params = params_;
  peer_ = original.peer();
  parts.peer = &peer_;
  parts.proxies = nullptr;  // which may end before a late response
  request_ = Request(original, parts);
}

std::string_view RequestCopy::take_body() {
  Request::Parts parts = request_.parts();
  const std::string_view body = std::exchange(parts.body, {});
  request_ = Request(std::move(request_), parts);
  return body;
}

}  // namespace chopin::http
