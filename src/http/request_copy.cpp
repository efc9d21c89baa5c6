#include "http/request_copy.hpp"

#include <cstddef>
#include <utility>

namespace chopin::http {
namespace {

std::size_t size_of(const Request::Parts& parts) noexcept {
  std::size_t size = parts.target.size() + parts.path.size() + parts.body.size();
  for (const auto& [name, value] : parts.fields) size += name.size() + value.size();
  for (const auto& [name, value] : parts.params) size += name.size() + value.size();
  return size;
}

}  // namespace

void RequestCopy::assign(const Request& original) {
  const Request::Parts& parts = original.parts();
  bytes_.clear();
  fields_.clear();
  params_.clear();
  bytes_.reserve(size_of(parts));  // so that it does not move while it is filled
  fields_.reserve(parts.fields.size());
  for (const auto& [name, value] : parts.fields) {
    const std::string_view own_name = keep(name);
    fields_.push_back({own_name, keep(value)});
  }
  params_.reserve(parts.params.size());
  for (const auto& [name, value] : parts.params) {
    const std::string_view own_name = keep(name);  // the route table may go before a late response
    params_.push_back({own_name, keep(value)});
  }
  Request::Parts own = parts;
  own.target = keep(parts.target);
  own.path = keep(parts.path);
  own.body = keep(parts.body);
  own.fields = fields_;
  own.params = params_;
  peer_ = original.peer();
  own.peer = &peer_;
  own.proxies = nullptr;  // which may end before a late response
  request_ = Request(original, own);
}

std::string_view RequestCopy::take_body() {
  Request::Parts parts = request_.parts();
  const std::string_view body = std::exchange(parts.body, {});
  request_ = Request(std::move(request_), parts);
  return body;
}

std::string_view RequestCopy::keep(std::string_view text) {
  const std::size_t begin = bytes_.size();
  bytes_ += text;
  return std::string_view(bytes_).substr(begin);
}

}  // namespace chopin::http
