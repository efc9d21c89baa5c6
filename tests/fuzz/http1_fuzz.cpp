// A connection without its socket: the input goes through parser, fast routes, router, middleware and
// handlers, and the output must be the responses to it, the same however the input is cut and its heads are
// read. The input:
//
//   1 byte   which limits ('0' is the default)
//   6 bytes  the sizes of the pieces of the split delivery, see PieceSizes
//   1 byte   ignored (a line end, so that the corpus is readable)
//   the rest what the client sends
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "connection/http1.hpp"
#include "fuzz_target.hpp"
#include "lone_worker.hpp"
#include "pieces.hpp"
#include "require.hpp"
#include "strict_exchange.hpp"

namespace chopin::fuzz {
namespace {

using connection::Http1;
using Step = Http1::Step;

/// Drives an Http1 as connection::Session does.
class Wire final : public connection::ResponseTarget {
 public:
  explicit Wire(LoneWorker& worker) : worker_(worker), http_(worker.context(), *this) {}

  void deliver(std::string_view piece) {
    delivered_ += piece.size();
    while (!piece.empty() && !ended_) {
      auto& input = http_.input();
      const auto space = input.prepare(worker_.context().burst.input, worker_.context().most_input);
      require(!space.empty(), "the awaited input fits the input buffer");
      const std::size_t size = std::min(space.size(), piece.size());
      std::ranges::copy(piece.substr(0, size), space.begin());
      input.commit(size);
      piece.remove_prefix(size);
      serve();
    }
  }

  /// The client sends no more.
  void finish() {
    if (ended_ || http_.is_idle()) return;
    if (http_.is_with_handler()) return advance(http_.refuse_parts(http::Rejection::truncated));
    http_.reject_truncated();
    gather();
  }

  [[nodiscard]] bool has_ended() const noexcept { return ended_; }
  /// The responses so far.
  [[nodiscard]] const std::string& received() const noexcept { return received_; }

 private:
  void on_response() noexcept override { was_told_ = true; }

  void serve() { advance(http_.serve()); }

  /// Goes on after a step until more input is needed.
  void advance(Step step) {
    for (;; step = http_.serve()) {
      http_.input().give_back();
      gather();
      ended_ = http_.writing() == Http1::Writing::ended;
      require(ended_ || step != Step::ended, "the last response is known as the last");
      if (ended_ || step == Step::needs_input) return;
      if (step != Step::awaits_handler) continue;
      was_told_ = false;
      http_.on_room();
      if (was_told_) continue;
      if (http_.wants_input()) return;
      await_handler();
    }
  }

  void await_handler() {
    require(http_.awaits_handler(), "a handler is awaited");
    require(http_.serve() == Step::awaits_handler, "nothing happens until it responds");
    while (!was_told_) {  // a handler of a body in parts may wait more than once
      by_task_ = !by_task_;
      require(worker_.let_respond(by_task_ ? LoneWorker::By::task : LoneWorker::By::own_thread),
              "an awaited handler can respond, and the connection is told");
      worker_.settle();
    }
    require(!http_.awaits_handler() || http_.wants_input(), "it is told of nothing else");
  }

  void gather() {
    auto& output = worker_.context().burst.output;
    constexpr std::size_t most = Limits::max_pending_output + connection::ExchangeStreams::most_output;
    require(output.size() < most + large_body + delivered_ + 1024, "the output of one burst is bounded");
    received_ += output.bytes().bytes();
    if (output.body() != nullptr) received_ += *output.body();
    output.clear();
  }

  LoneWorker& worker_;
  Http1 http_;
  std::string received_;
  std::size_t delivered_ = 0;
  bool ended_ = false;
  bool was_told_ = false;
  bool by_task_ = false;
};

/// Delivers a stream in pieces, and returns the responses.
std::vector<Outcome> deliver(std::string_view stream, LoneWorker& worker, PieceSizes sizes) {
  const std::size_t counted_before = worker.context().worker.counters.requests.value();
  Wire wire(worker);
  for (std::string_view rest = stream; !rest.empty() && !wire.has_ended();) {
    const std::string_view piece = rest.substr(0, sizes.next());
    wire.deliver(piece);
    rest.remove_prefix(piece.size());
  }
  wire.finish();
  auto outcomes = judge_exchange(stream, wire.received(), Course::complete);
  const auto rejected = std::ranges::count_if(outcomes, [](const Outcome& outcome) {
    return outcome.kind == Outcome::Kind::rejected || outcome.kind == Outcome::Kind::broken;
  });
  const std::size_t counted = worker.context().worker.counters.requests.value() - counted_before;
  require(counted + static_cast<std::size_t>(rejected) == outcomes.size(),
          "every request that a route has served is counted");
  return outcomes;
}

void explain(std::string_view how, const std::vector<Outcome>& outcomes) {
  for (const Outcome& outcome : outcomes) fmt::print(stderr, "---- {}:\n{}\n", how, outcome.bytes);
}

std::vector<Outcome> without_heads(std::vector<Outcome> outcomes) {
  for (Outcome& outcome : outcomes) outcome.bytes = std::string(outcome.body());
  return outcomes;
}

void run(std::string_view input) {
  constexpr std::size_t prefix_size = 8;
  if (input.size() < prefix_size) return;
  const std::size_t limits = digit(input[0]);
  const std::string_view stream = input.substr(prefix_size);
  const PieceSizes pieces(input.substr(1, prefix_size - 2), stream.size());
  const PieceSizes whole = PieceSizes::whole();

  const auto at_once = deliver(stream, LoneWorker::get(Mode::performance, limits, Reading::parsed), whole);
  const auto compare = [&](std::string_view how, const std::vector<Outcome>& outcomes) {
    if (are_same(outcomes, at_once)) return;
    explain("parsed at once", at_once);
    explain(how, outcomes);
    require(false, "the responses do not depend on how a stream is cut and read");
  };
  for (const Reading reading : {Reading::parsed, Reading::scanned, Reading::remembered}) {
    LoneWorker& worker = LoneWorker::get(Mode::performance, limits, reading);
    compare("in pieces", deliver(stream, worker, pieces));
    if (reading != Reading::parsed) compare("scanned at once, or remembered", deliver(stream, worker, whole));
    if (reading == Reading::remembered) compare("remembered in pieces", deliver(stream, worker, pieces));
  }
  const auto standard = deliver(stream, LoneWorker::get(Mode::standard, limits), whole);
  if (!are_same(without_heads(at_once), without_heads(standard))) {
    explain("performance mode", at_once);
    explain("standard mode", standard);
    require(false, "both modes give the same responses");
  }
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
