#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "chopin/config.hpp"
#include "connection/buffers.hpp"
#include "connection/connection_limit.hpp"
#include "connection/counters.hpp"
#include "connection/head_memo.hpp"
#include "connection/wait.hpp"
#include "http/http_date.hpp"
#include "http/prebuilt_response.hpp"
#include "http/request_parser.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"
#include "routing/fast_route_index.hpp"
#include "routing/route_table.hpp"

namespace chopin::connection {

/// What all workers answer with. Read-only, and outlives them.
struct SharedRoutes {
  SharedRoutes(Router router, const Config& config)
      : routes(std::move(router), config.mode),
        fast_routes(routes, config.mode, config.response_class(), prebuilt) {}

  http::PrebuiltResponses prebuilt;
  routing::RouteTable routes;
  routing::FastRouteIndex fast_routes;
};

/// A head, or what surrounds a chunk, must fit.
constexpr std::uint32_t most_input_of(const Limits& limits) noexcept {
  constexpr std::uint32_t chunk_line = 64;
  return limits.max_head + Limits::max_chunk_extensions + chunk_line;
}

/// A session as a member of its worker's list.
using SessionHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<class SessionTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using SessionList = boost::intrusive::list<SessionHook, boost::intrusive::base_hook<SessionHook>,
                                           boost::intrusive::constant_time_size<false>>;

/// What a worker lends to its sessions. They run on its one thread, one after the other, so what a session
/// needs only while it works on a burst exists once.
struct SessionContext {
  SessionContext(const Config& config, const SharedRoutes& shared, ConnectionLimit& connection_limit,
                 loop::EventLoop& own_loop, loop::IoContextGuest& guest)
      : loop(own_loop),
        limits(config.limits),
        most_input(most_input_of(config.limits)),
        routes(shared.routes),
        fast_routes(shared.fast_routes),
        prebuilt(shared.prebuilt),
        dates_every_response(config.mode == Mode::standard),
        deadlines(own_loop.clock(), config.timeouts),
        connections(connection_limit),
        io_context(guest),
        scans_heads(config.head_scanner),
        scratch(config.limits) {
    if (config.head_memo) memo = std::make_unique<HeadMemo>();
    output.prepare(2 * Limits::max_pending_output);
  }

  loop::EventLoop& loop;
  const Limits& limits;
  InputSpace input;
  std::uint32_t most_input;  ///< how far an input buffer may grow
  const routing::RouteTable& routes;
  const routing::FastRouteIndex& fast_routes;
  http::DatedResponses prebuilt;
  http::HttpDate date{0};     ///< of the router's next answer
  bool dates_every_response;  ///< anew; else the date is that of the last tick
  Deadlines deadlines;
  Counters counters;
  ConnectionLimit& connections;
  loop::IoContextGuest& io_context;
  bool draining = false;
  SessionList sessions;                 ///< alive
  std::function<void()> session_ended;  ///< called when one is gone

  bool scans_heads;                ///< before Beast is asked
  std::unique_ptr<HeadMemo> memo;  ///< null: heads are not remembered

  // Of the request being answered.
  http::RequestHead head;
  http::ParserScratch scratch;
  std::optional<http::RequestParser> parser;
  std::string normal_path;
  std::vector<Param> params;
  std::string body;
  Response response;
  ByteBuffer output{2 * Limits::max_pending_output};
};

}  // namespace chopin::connection
