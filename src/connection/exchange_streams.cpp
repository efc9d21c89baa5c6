#include "connection/exchange_streams.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/core.h>

#include "connection/pending_response.hpp"
#include "connection/request_reader.hpp"
#include "http/status.hpp"

namespace chopin {

const Request& Exchange::request() const noexcept {
  return streams_.pending().request();
}

Response& Exchange::response() noexcept {
  return streams_.pending().response();
}

Task<std::string_view> Exchange::read() {
  return streams_.read();
}

Task<> Exchange::write(std::string_view bytes) {
  return streams_.write(bytes);
}

namespace connection {

using Part = RequestReader::Part;

Task<std::string_view> ExchangeStreams::read() {
  if (!std::exchange(gave_whole_body_, true) && !whole_body_.empty()) co_return whole_body_;
  for (;;) {
    require_connection();
    if (source_ == nullptr) co_return std::string_view();
    std::string_view bytes;
    switch (source_->next_part(bytes)) {
      case Part::bytes: co_return bytes;
      case Part::ended: source_ = nullptr; co_return std::string_view();
      case Part::rejected: {
        const http::RejectionResponse refusal = http::response_to(source_->rejection());
        throw HttpError(refusal.status, std::string(refusal.message));
      }
      case Part::needs_input: break;
    }
    if (!is_served_) pending_.notify();  // the connection does not read until it is asked to
    co_await input_.wait();
  }
}

Task<> ExchangeStreams::write(std::string_view bytes) {
  if (!has_begun_) begin();
  if (pending_.request().method() == Method::head) {
    throw boost::system::system_error(boost::asio::error::operation_aborted,
                                      "the response to HEAD has no body");
  }
  for (;;) {
    require_connection();
    const std::string_view slice = bytes.substr(0, most_output - output_.size());
    output_.append(slice);
    bytes.remove_prefix(slice.size());
    pending_.notify();
    if (bytes.empty() && output_.size() < most_output) co_return;
    co_await room_.wait();
  }
}

void ExchangeStreams::begin() {
  require_connection();
  if (http::has_no_body(pending_.response().status()) || pending_.response().status() == 205) {
    throw std::logic_error(
        fmt::format("a response with the status {} has no body", pending_.response().status()));
  }
  has_begun_ = true;
  pending_.pass_back();
}

void ExchangeStreams::require_connection() const {
  if (is_gone_) throw boost::system::system_error(boost::asio::error::connection_aborted);
}

}  // namespace connection

}  // namespace chopin
