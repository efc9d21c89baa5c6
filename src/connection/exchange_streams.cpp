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

namespace chopin::connection {

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
  begin();
  while (!has_room_for(bytes)) co_await room_.wait();
}

/// Takes what there is room for from `bytes`. False if something is left, or no room for the next.
bool ExchangeStreams::has_room_for(std::string_view& bytes) {
  require_connection();
  const std::string_view slice = bytes.substr(0, most_output - output_.size());
  output_.append(slice);
  bytes.remove_prefix(slice.size());
  pending_.notify();
  return bytes.empty() && output_.size() < most_output;
}

/// To be called before each part of the response's body.
void ExchangeStreams::begin() {
  require_connection();
  const std::uint16_t status = pending_.response().status();
  if (http::has_no_body(status) || status == 205) {
    throw std::logic_error(fmt::format("a response with the status {} has no body", status));
  }
  if (!std::exchange(has_begun_, true)) pending_.pass_back();
  if (pending_.request().method() == Method::head) {
    throw boost::system::system_error(boost::asio::error::operation_aborted,
                                      "the response to HEAD has no body");
  }
}

void ExchangeStreams::detach() noexcept {
  is_gone_ = true;
  if (source_ != nullptr) last_part_ = std::exchange(source_, nullptr)->give_up_parts();
}

void ExchangeStreams::require_connection() const {
  if (is_gone_) throw boost::system::system_error(boost::asio::error::connection_aborted);
}

}  // namespace chopin::connection
