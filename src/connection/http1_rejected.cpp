// The part of Http1 that refuses requests.
#include <ctime>
#include <span>

#include "connection/http1.hpp"

namespace chopin::connection {
namespace {

using http::Persistence;
using http::Rejection;

std::string_view origin_of(std::span<const Field> fields) noexcept {
  return Request({.fields = fields}).field("Origin");
}

}  // namespace

Http1::Step Http1::reject(Rejection rejection, bool head_only, CloseReason reason) {
  const bool needs_origin = context_.shared.routes.completes_refusals();
  return reject(rejection, head_only, reason, needs_origin ? origin_of(reader_.begun_fields()) : "");
}

Http1::Step Http1::reject(Rejection rejection, const http::RequestHead& head) {
  const bool needs_origin = context_.shared.routes.completes_refusals();
  return reject(rejection, head.method == Method::head, CloseReason::rejected,
                needs_origin ? origin_of(head.fields) : "");
}

Http1::Step Http1::reject(Rejection rejection, bool head_only, CloseReason reason, std::string_view origin) {
  context_.worker.counters.count(rejection);
  context_.worker.rejections.write(rejection, target_.peer());
  take_from_rate();
  ByteBuffer& output = context_.burst.output.bytes();
  if (origin.empty()) {
    output.append(context_.worker.prebuilt.bytes(http::PrebuiltResponses::id_of(rejection),
                                                 Persistence::close, head_only));
    return end(reason);
  }
  Response& response = context_.burst.response;
  http::write_rejection(rejection, response);
  try {
    context_.shared.routes.complete_refusal(origin, response);
  } catch (...) {
    routing::RouteTable::respond_to_exception(Request(), response);
  }
  if (context_.worker.dates_every_response) context_.worker.date = http::HttpDate(std::time(nullptr));
  const http::ResponseWriter writer{.response = response,
                                    .date = context_.worker.date,
                                    .persistence = Persistence::close,
                                    .head_only = head_only};
  output.commit(writer.write(output.prepare(writer.most_bytes())));
  return end(reason);
}

Http1::Step Http1::reject_truncated() {
  reader_.refuse_truncated();
  return reject(reader_.rejection());
}

}  // namespace chopin::connection
