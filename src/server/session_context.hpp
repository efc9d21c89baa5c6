#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "chopin/config.hpp"
#include "http/canned_response.hpp"
#include "http/request_parser.hpp"
#include "routing/fast_route_index.hpp"
#include "server/buffers.hpp"
#include "server/counters.hpp"
#include "server/deadlines.hpp"
#include "server/readiness.hpp"

namespace chopin::server {

/// What a worker lends to its sessions. They run on its one thread, one after the other, so what a session
/// needs only while it works on a burst exists once.
struct SessionContext {
  SessionContext(const Config& config, const routing::FastRouteIndex& route_index,
                 const http::CannedResponses& canned_responses, boost::asio::io_context& io_context)
      : readiness(io_context),
        limits(config.limits),
        routes(route_index),
        responses(canned_responses),
        deadlines(config.timeouts),
        scratch(config.limits) {}

  Readiness readiness;
  const Limits& limits;
  const routing::FastRouteIndex& routes;
  http::DatedResponses responses;
  Deadlines deadlines;
  Counters counters;
  http::ParserScratch scratch;
  std::optional<http::RequestParser> parser;  ///< of the head being answered
  OutputBuffer output{2 * Limits::max_pending_output};
  bool draining = false;
  std::size_t sessions = 0;             ///< alive
  std::function<void()> session_ended;  ///< called when one is gone
};

}  // namespace chopin::server
