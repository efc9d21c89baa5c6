#include "server/metrics.hpp"

#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "chopin/request.hpp"
#include "chopin/response.hpp"
#include "connection/close_reason.hpp"
#include "connection/memory_budget.hpp"
#include "http/rejection.hpp"

namespace chopin::server {
namespace {

class PrometheusText {
 public:
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    one("counter", name, help, value);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    one("gauge", name, help, value);
  }

  /// A counter for each kind from the one with number `first` on. Those that are 0 too: the rate of a counter
  /// that appears with 1 is not known.
  template <class Kind, std::size_t Count>
  void counters(std::string_view name, std::string_view help, std::string_view label,
                const std::array<std::uint64_t, Count>& values, std::size_t first = 0) {
    begin("counter", name, help);
    for (std::size_t i = first; i < Count; ++i) {
      fmt::format_to(out(), "{}{{{}=\"{}\"}} {}\n", name, label, to_string(static_cast<Kind>(i)), values[i]);
    }
  }

  [[nodiscard]] std::string take() noexcept { return std::move(text_); }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }

  void begin(std::string_view type, std::string_view name, std::string_view help) {
    fmt::format_to(out(), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void one(std::string_view type, std::string_view name, std::string_view help, std::uint64_t value) {
    begin(type, name, help);
    fmt::format_to(out(), "{} {}\n", name, value);
  }

  std::string text_;
};

}  // namespace

std::string to_prometheus(const Metrics& metrics) {
  const connection::Counters& counters = metrics.counters;
  PrometheusText text;
  text.counter("chopin_requests_total", "Responses of routes, including 404 and 405.", counters.requests);
  text.counters<http::Rejection>("chopin_requests_rejected_total", "Requests refused before routing.",
                                 "reason", counters.rejected, 1);
  text.counter("chopin_handler_timeouts_total", "Handlers that took too long: 503.",
               counters.handler_timeouts);
  text.counter("chopin_late_responses_total",
               "Responses of handlers that came after their timeout, and were ignored.",
               counters.late_responses);
  text.counter("chopin_connections_accepted_total", "Connections accepted.", counters.connections);
  text.counter("chopin_connections_refused_total",
               "Connections refused at the limit, or because memory was short.", counters.refused);
  text.counters<connection::CloseReason>("chopin_connections_closed_total", "Connections closed.", "reason",
                                         counters.closed);
  text.gauge("chopin_connections_open", "Connections open now.", metrics.open_connections);
  text.gauge("chopin_connections_limit", "Most connections open at once.", metrics.max_connections);
  text.counters<connection::MemoryStage>("chopin_memory_stages_total",
                                         "How often a worker has entered a memory stage.", "stage",
                                         counters.memory_stages);
  text.gauge("chopin_memory_used_bytes",
             "Memory that the process and its connections hold, the kernel's included.", metrics.used_memory);
  text.gauge("chopin_memory_limit_bytes", "Memory that the process and its connections may hold.",
             metrics.max_memory);
  return text.take();
}

Router with_metrics(Router router, std::function<Metrics()> measure) {
  router.get("/metrics", [measure = std::move(measure)](const Request&, Response& response) {
    response.body("text/plain; version=0.0.4; charset=utf-8", to_prometheus(measure()));
  });
  return router;
}

}  // namespace chopin::server
