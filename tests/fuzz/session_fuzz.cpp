// A whole connection, including its socket: a client runs a script and the server responds, both on this
// thread. The input:
//
//   1 byte             the mode ('0' is performance, '1' standard), + 2 if the server's send buffer is
//                      small, + 4 if the client's is; then, times 8, which limits
//   1 byte             how often the client's bytes are repeated ('0' is once, '7' eight times)
//   up to a line end   the script, a byte for each step, see Client::step
//   the rest           the client's bytes
//
// After the script the client sends the rest, half-closes and reads to the end. Unless a step of the script
// may cut the connection, the responses must be those to the same bytes sent at once (see are_same).
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "connection/session.hpp"
#include "fuzz_target.hpp"
#include "lone_worker.hpp"
#include "pieces.hpp"
#include "require.hpp"
#include "strict_exchange.hpp"
#include "system/sockets.hpp"

namespace chopin::fuzz {
namespace {

using connection::Session;
using system::Descriptor;
using system::Transfer;

struct SmallBuffers {
  bool server = false;
  bool client = false;
};

/// A client's socket; the worker serves the other end. Unix sockets deliver at once, so runs are
/// reproducible.
Descriptor connect_to(LoneWorker& worker, SmallBuffers small) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  Descriptor client(ends[0]);
  Descriptor server(ends[1]);
  const auto shrink = [](const Descriptor& socket) {
    constexpr int least = 1;  // the kernel rounds it up to a few thousand
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
  };
  if (small.server) shrink(server);
  if (small.client) shrink(client);
  Session::start({.slot = worker.context().worker.connections.take(), .socket = std::move(server)},
                 worker.context());
  return client;
}

class Client {
 public:
  Client(LoneWorker& worker, std::string_view stream, SmallBuffers small)
      : worker_(worker), stream_(stream), socket_(connect_to(worker, small)) {}

  void step(char what) {
    switch (what) {
      case 's': return send(stream_.size());
      case 'r': return read(100);
      case 'R': return read(SIZE_MAX);
      case 'f': return half_close();
      case 'x': return close();
      case '.': worker_.poll(); return;
      case ' ': return worker_.settle();
      case 't': return tick();
      case 'a': worker_.let_respond(LoneWorker::By::own_thread); return;
      case 'm': worker_.let_respond(LoneWorker::By::task); return;
      case 'd': return drain();
      case 'c': return cut();
      case 'n': return ask_as_neighbour();
      default: return send(digit(what));
    }
  }

  /// Sends what is left, reads the responses, half-closes and reads to the end.
  void finish() {
    exchange();
    if (course_ != Course::disturbed && !half_closed_) judge_exchange(sent(), received_, Course::open);
    half_close();
    exchange();
    require(has_end_ || !is_connected(), "a client that sends and reads reaches the end");
  }

  /// Closes, and advances the clock until the server has noticed.
  void leave() {
    close();
    constexpr int most_ticks = 20;
    for (int i = 0; i < most_ticks && !worker_.context().worker.sessions.empty(); ++i) {
      worker_.settle();
      while (worker_.let_respond(LoneWorker::By::own_thread)) worker_.settle();
      if (!worker_.context().worker.sessions.empty()) tick();
    }
    require(worker_.context().worker.sessions.empty(), "every connection ends");
    const connection::Counters counters = worker_.context().worker.counters.read();
    require(std::accumulate(counters.closed.begin(), counters.closed.end(), std::uint64_t{0}) ==
                counters.connections,
            "every connection has one close reason");
    require(counters.closed_by(connection::CloseReason::failed) <= worker_.streams().broken(),
            "nothing fails but a handler amid its response");
  }

  [[nodiscard]] Course course() const noexcept { return course_; }
  [[nodiscard]] bool was_reset() const noexcept { return was_reset_; }
  [[nodiscard]] std::string_view sent() const noexcept { return stream_.substr(0, sent_); }
  [[nodiscard]] const std::string& received() const noexcept { return received_; }

 private:
  [[nodiscard]] bool is_connected() const noexcept { return socket_.is_open(); }

  /// Sends and reads until nothing more happens.
  void exchange() {
    for (std::size_t moved = SIZE_MAX; is_connected() && !has_end_;) {
      send(stream_.size());
      worker_.settle();
      const bool responded = worker_.let_respond(LoneWorker::By::own_thread);
      worker_.settle();
      read(SIZE_MAX);
      if (!responded && std::exchange(moved, sent_ + received_.size()) == sent_ + received_.size()) return;
    }
  }

  void send(std::size_t size) {
    if (!is_connected() || half_closed_ || sent_ == stream_.size()) return;
    const Transfer transfer = system::send_now(socket_.get(), stream_.substr(sent_, size));
    sent_ += transfer.size;
    if (transfer.error != 0 && transfer.error != EAGAIN) half_closed_ = true;  // the server has closed
  }

  void read(std::size_t most) {
    std::array<char, 4096> space{};
    while (is_connected() && !has_end_ && most > 0) {
      const Transfer transfer =
          system::receive_now(socket_.get(), std::span(space).first(std::min(most, space.size())));
      if (transfer.error == EAGAIN) return;
      has_end_ = transfer.size == 0;
      was_reset_ = transfer.error != 0;
      received_.append(space.data(), transfer.size);
      most -= transfer.size;
    }
  }

  void half_close() {
    if (!is_connected()) return;
    system::shutdown_send(socket_.get());
    half_closed_ = true;
  }

  void close() {
    course_ = Course::disturbed;
    socket_ = {};
  }

  void tick() {
    constexpr int harmless_ticks = 3;
    if (++ticks_ > harmless_ticks) course_ = Course::disturbed;
    worker_.tick();
  }

  void drain() {
    course_ = Course::disturbed;
    worker_.context().worker.draining = worker_.context().worker.may_end_connections = true;
    Session::for_each(worker_.context(), [](Session& session) { session.drain(); });
  }

  void cut() {
    course_ = Course::disturbed;
    Session::for_each(worker_.context(), [](Session& session) { session.cut(); });
  }

  /// Whatever this client does, another one on the same worker is served and not affected.
  void ask_as_neighbour() {
    constexpr std::string_view request = "GET /status/299 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    if (worker_.context().worker.draining) return;
    Client other(worker_, request, {});
    other.send(request.size());
    worker_.settle();
    other.read(SIZE_MAX);
    require(other.has_end_ && !other.was_reset_, "a neighbour is served meanwhile");
    const auto outcomes = judge_exchange(request, other.received_, Course::complete);
    require(outcomes.size() == 1 && outcomes.front().status == 299, "a neighbour gets its own response");
  }

  LoneWorker& worker_;
  std::string_view stream_;
  Descriptor socket_;
  std::string received_;
  std::size_t sent_ = 0;
  int ticks_ = 0;
  bool half_closed_ = false;
  bool has_end_ = false;
  bool was_reset_ = false;
  Course course_ = Course::complete;
};

std::string repeated(std::string_view text, unsigned times) {
  std::string all;
  for (unsigned i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<Outcome> responses_at_once(LoneWorker& worker, std::string_view stream) {
  Client client(worker, stream, {});
  client.finish();
  auto outcomes = judge_exchange(stream, client.received(), Course::complete);
  client.leave();
  return outcomes;
}

void run(std::string_view input) {
  const std::size_t line_end = input.find('\n');
  constexpr std::size_t longest_script = 256;
  if (line_end < 2 || line_end > longest_script) return;
  const unsigned choice = digit(input.front());
  const Mode mode = (choice & 1U) == 0 ? Mode::performance : Mode::standard;
  const SmallBuffers small{.server = (choice & 2U) != 0, .client = (choice & 4U) != 0};
  const std::string_view script = input.substr(2, line_end - 2);
  const std::string stream = repeated(input.substr(line_end + 1), 1 + digit(input[1]) % 8U);

  Client client(LoneWorker::get(mode, choice / 8), stream, small);
  for (const char what : script) client.step(what);
  client.finish();
  const Course course = client.course();
  const auto outcomes = judge_exchange(client.sent(), client.received(), course);
  require(course == Course::disturbed || !client.was_reset(), "no reset follows the last response");
  client.leave();
  if (course == Course::disturbed) return;

  const auto at_once = responses_at_once(LoneWorker::get(mode, choice / 8), client.sent());
  if (are_same(outcomes, at_once)) return;
  for (const Outcome& outcome : at_once) fmt::print(stderr, "---- at once:\n{}\n", outcome.bytes);
  for (const Outcome& outcome : outcomes) fmt::print(stderr, "---- by script:\n{}\n", outcome.bytes);
  require(false, "the responses do not depend on how a stream arrives");
}

}  // namespace
}  // namespace chopin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
