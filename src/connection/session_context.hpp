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
#include "connection/memory_watch.hpp"
#include "connection/output.hpp"
#include "connection/pending_response.hpp"
#include "connection/refusals.hpp"
#include "connection/rejection_log.hpp"
#include "connection/shared_routes.hpp"
#include "connection/wait.hpp"
#include "http/http_date.hpp"
#include "http/prebuilt_response.hpp"
#include "http/request_parser.hpp"
#include "json/spare_memory.hpp"
#include "loop/event_loop.hpp"
#include "loop/io_context_guest.hpp"

namespace chopin::connection {

/// Links a session into its worker's list.
using SessionHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<class SessionTag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using SessionList = boost::intrusive::list<SessionHook, boost::intrusive::base_hook<SessionHook>,
                                           boost::intrusive::constant_time_size<false>>;

/// The parts of the context that live as long as the worker.
struct WorkerServices {
  WorkerServices(const Config& config, const SharedRoutes& shared, ConnectionLimit& connection_limit,
                 loop::EventLoop& own_loop, loop::IoContextGuest& guest)
      : loop(own_loop),
        io_context(guest),
        deadlines(own_loop, config.timeouts),
        connections(connection_limit),
        memory(connection_limit.memory(), own_loop, counters, [this] { note_reasons_to_end(); }),
        limits_connections(config.limits.max_requests != 0 || config.timeouts.connection_age.count() != 0 ||
                           shared.requests_of_addresses != nullptr),
        may_end_connections(limits_connections),
        silent_grace(config.when_full == WhenFull::wait ? 2 : 0),
        oldest(config.timeouts.connection_age.count() == 0 ? 0
                                                           : loop::ticks_of(config.timeouts.connection_age)),
        prebuilt(shared.prebuilt),
        dates_every_response(config.mode == Mode::standard),
        log(own_loop.log()),
        rejections(log, config.environment) {
    if (config.head_memo) memo = std::make_unique<HeadMemo>();
  }

  WorkerCounters counters;
  loop::EventLoop& loop;
  loop::IoContextGuest& io_context;
  Deadlines deadlines;
  ConnectionLimit& connections;
  MemoryWatch memory;
  SessionList sessions;                 ///< alive
  std::function<void()> session_ended;  ///< called when one is gone
  bool draining = false;
  bool ends_with_next_response = false;  ///< the connection that gets it, to make room for another
  const bool limits_connections;         ///< their requests, how fast these come, or their age
  /// A response may have to be its connection's last, for one of these reasons: see `Http1::delivery_of`.
  bool may_end_connections;
  void note_reasons_to_end() noexcept {
    may_end_connections =
        limits_connections || draining || ends_with_next_response || memory.stage() > MemoryStage::plenty;
  }
  void end_with_next_response(bool ends) noexcept {
    ends_with_next_response = ends;
    note_reasons_to_end();
  }
  /// How many ticks a connection may be silent, at the limit, before it makes room. Where others wait, it may
  /// take the time; where they are refused, one place for each silent client would refuse all others.
  const std::uint32_t silent_grace;
  const std::uint32_t oldest;  ///< how many ticks a connection may be open; 0: any number
  http::DatedResponses prebuilt;
  http::HttpDate date{0};          ///< for responses that are not prebuilt
  bool dates_every_response;       ///< read the clock for each response, not at each tick
  std::unique_ptr<HeadMemo> memo;  ///< null: heads are not remembered
  const Log& log;
  RejectionLog rejections;
  Refusals refusals;           ///< of addresses that have too much
  PerWorkerServices services;  ///< the application's
  /// To be used again, for coroutines: their memory is what such a request would have to allocate.
  static constexpr std::size_t most_spare_pending = 16;
  std::vector<std::shared_ptr<PendingResponse>> spare_pending;
};

/// What a session needs only while it works on a burst. A worker's sessions run one after the other on its
/// thread, so they share one.
struct BurstScratch {
  BurstScratch(const Limits& limits, std::uint64_t most_body) : parsers(limits, most_body) {
    output.bytes().prepare(2 * Limits::max_pending_output);
  }

  /// Gives back what large requests and responses have needed. Between two bursts.
  void shrink() noexcept {
    response.reset();
    if (body.capacity() > Limits::large_body) std::string().swap(body);
    json::give_back_spare_memory();
  }

  InputSpace input;
  Output output;

  // Of the current request.
  http::RequestHead head;
  http::ParserScratch parsers;
  std::optional<http::RequestParser> parser;
  /// The one that was used last.
  [[nodiscard]] http::RequestParser& last_parser() noexcept {
    return *parser;  // NOLINT(bugprone-unchecked-optional-access): nobody asks before there is one
  }
  std::string normal_path;
  std::vector<Param> params;
  std::string body;
  SharedBody shared_body;  ///< the body of an Upload; null for every other request
  Response response;
};

/// The input must be able to hold a head or a trailer section, and a chunk line with its extensions.
constexpr std::uint32_t most_input_of(const Limits& limits) noexcept {
  constexpr std::uint32_t chunk_line = 64;
  return limits.max_head + Limits::max_chunk_extensions + chunk_line;
}

/// What a worker lends to its sessions, grouped by lifetime: longer than the worker's, the worker's, a
/// burst's.
///
/// Thread safety: the worker's thread, except for `WorkerCounters::read`.
/// Lifetime: must outlive the sessions.
/// Throws: only the constructor.
struct SessionContext {
  /// All arguments must outlive this.
  SessionContext(const Config& config, const SharedRoutes& shared_routes, ConnectionLimit& connection_limit,
                 loop::EventLoop& loop, loop::IoContextGuest& io_context)
      : limits(config.limits),
        most_input(most_input_of(config.limits)),
        shared(shared_routes),
        proxies(shared_routes.proxies.empty() ? nullptr : &shared_routes.proxies),
        worker(config, shared_routes, connection_limit, loop, io_context),
        burst(config.limits, shared_routes.most_body) {
    if (!config.head_scanner) burst.parsers.most_scanned = 0;
  }

  const Limits& limits;
  const std::uint32_t most_input;  ///< how far an input buffer may grow
  const SharedRoutes& shared;
  const http::TrustedProxies* const proxies;  ///< null: none is trusted
  WorkerServices worker;
  BurstScratch burst;
};

}  // namespace chopin::connection
