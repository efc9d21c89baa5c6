#include "load_client/load.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace load {

namespace {

constexpr Time connect_limit = 10 * second;
constexpr Time pause_after_fault = second / 100;  // so that a server that refuses is not flooded
constexpr Time head_start = second / 1000;        // from the last preparation to the first request

[[noreturn]] void fail_with(int error, const std::string& operation) {
  throw std::system_error(error, std::generic_category(), operation);
}

int create_epoll() {
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  if (descriptor < 0) fail_with(errno, "epoll_create1");
  return descriptor;
}

/// Of a send or receive: a connection that is refused may say so only there.
Fault fault_of(int error) noexcept {
  return error == ECONNREFUSED || error == ETIMEDOUT ? Fault::cannot_connect : Fault::ended_early;
}

}  // namespace

Load::Load(const Options& options, const Address& address, std::vector<Request> requests)
    : options_(options), address_(address), requests_(std::move(requests)), epoll_(create_epoll()) {
  for (std::size_t i = 0; i < options.connections; ++i) connections_.emplace_back(i);
}

Load::~Load() {
  ::close(epoll_);
}

Tally Load::run() {
  connect_all();
  start();
  Time time = now();
  while (!is_over(time)) {
    const int count = wait(next_wakeup(time));
    const Time awake = now();
    for (int i = 0; i < count; ++i) on_event(events_[static_cast<std::size_t>(i)]);
    send_due();
    time = now();
    revive(time);
    if (awake >= tally_.measured_from) tally_.round.add(time - awake);
  }
  count_what_is_left();
  return std::move(tally_);
}

void Load::connect_all() {
  for (Connection& connection : connections_) {
    if (!connection.open(address_, epoll_)) fail_with(errno, "cannot connect");
  }
  const Time limit = now() + connect_limit;
  for (std::size_t connected = 0; connected < connections_.size();) {
    const int count = wait(limit);
    if (count == 0 && now() >= limit) fail_with(ETIMEDOUT, "cannot connect");
    for (int i = 0; i < count; ++i) {
      if (has_just_connected(events_[static_cast<std::size_t>(i)])) ++connected;
    }
  }
  tally_.opened = connections_.size();
}

bool Load::has_just_connected(const epoll_event& event) {
  Connection& connection = *static_cast<Connection*>(event.data.ptr);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(connection.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail_with(error, "cannot connect");
  if ((event.events & EPOLLRDHUP) != 0) fail_with(ECONNRESET, "the server closes connections at once");
  return !std::exchange(connection.has_connected, true);
}

void Load::start() {
  const std::uint64_t length = options_.warm_up + options_.seconds;
  tally_.start = now() + (is_open_loop() ? head_start : 0);
  tally_.measured_from = tally_.start + static_cast<Time>(options_.warm_up) * second;
  end_ = tally_.end = tally_.start + static_cast<Time>(length) * second;
  if (is_open_loop()) {
    schedule_ = Schedule(tally_.start, options_.rate, length);
  } else {
    for (Connection& connection : connections_) begin(connection, now());
  }
}

bool Load::is_over(Time time) const noexcept {
  if (time >= end_ + static_cast<Time>(options_.grace) * second) return true;
  return is_open_loop() ? finished_ == schedule_.total() : time >= end_ && in_flight_ == 0;
}

std::uint64_t Load::number_of_next(const Connection& connection) const noexcept {
  return connection.turn * connections_.size() + connection.index;
}

Time Load::next_wakeup(Time time) const noexcept {
  const Time last = time < end_ ? end_ : end_ + static_cast<Time>(options_.grace) * second;
  return std::min({last, schedule_.due(next_), down_.empty() ? never : down_.front().first});
}

int Load::wait(Time until) {
  const Time left = until - now() - static_cast<Time>(options_.spin_us) * 1000;
  const Time pause = std::max<Time>(left, 0);
  const timespec timeout{.tv_sec = pause / second, .tv_nsec = pause % second};
  const int count = epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) fail_with(errno, "epoll_pwait2");
  return std::max(count, 0);
}

/// A connection that is busy, or down, sees to it itself when it no longer is.
void Load::send_due() {
  for (Time time = now(); schedule_.due(next_) <= time; ++next_, time = now()) {
    Connection& connection = connections_[next_ % connections_.size()];
    if (connection.state != Connection::State::idle || number_of_next(connection) != next_) continue;
    const Time due = schedule_.due(next_);
    if (due >= tally_.measured_from) tally_.lag.add(time - due);
    begin(connection, due);
  }
}

void Load::revive(Time time) {
  while (!down_.empty() && down_.front().first <= time) {
    Connection& connection = *down_.front().second;
    down_.pop_front();
    connection.state = Connection::State::idle;
    proceed(connection, time);
  }
}

void Load::begin(Connection& connection, Time due) {
  connection.begin(requests_[(connection.index + connection.turn) % requests_.size()], due);
  ++connection.turn;
  ++in_flight_;
  if (!connection.is_open()) {
    if (!connection.open(address_, epoll_)) return fail(connection, Fault::cannot_connect);
    ++tally_.opened;
  }
  if (!connection.send_rest()) fail(connection, fault_of(errno));
}

/// With the request that has become due meanwhile.
void Load::proceed(Connection& connection, Time time) {
  if (!is_open_loop()) {
    if (time < end_) begin(connection, time);
  } else if (const Time due = schedule_.due(number_of_next(connection)); due <= time) {
    begin(connection, due);
  }
}

void Load::on_event(const epoll_event& event) {
  Connection& connection = *static_cast<Connection*>(event.data.ptr);
  if (!connection.is_open()) return;
  if (connection.state == Connection::State::busy && !connection.send_rest()) {
    return fail(connection, fault_of(errno));
  }
  const bool has_ended = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (has_ended || (event.events & EPOLLIN) != 0) receive(connection, has_ended);
}

/// Until a read is short: then the socket is empty, and an event will report what comes later.
void Load::receive(Connection& connection, bool peer_has_ended) {
  const std::uint64_t life = connection.life();
  while (connection.is_open() && connection.life() == life) {
    const ssize_t size = recv(connection.descriptor(), input_.get(), input_size, 0);
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0 && fault_of(errno) == Fault::cannot_connect) return fail(connection, Fault::cannot_connect);
    if (size <= 0) return on_end(connection);
    const bool is_short = static_cast<std::size_t>(size) < input_size;
    on_bytes(connection, {input_.get(), static_cast<std::size_t>(size)}, is_short && peer_has_ended);
    if (is_short && !peer_has_ended) return;
  }
}

void Load::on_bytes(Connection& connection, std::string_view bytes, bool is_last) {
  if (connection.state != Connection::State::busy) return fail(connection, Fault::unexpected_bytes);
  switch (connection.reader.read(bytes)) {
    case ResponseReader::Progress::incomplete: return;
    case ResponseReader::Progress::complete: return on_response(connection, is_last);
    case ResponseReader::Progress::malformed: return fail(connection, Fault::malformed);
  }
}

void Load::on_end(Connection& connection) {
  if (connection.state != Connection::State::busy) {
    ++tally_.ended_idle;
    connection.close();
  } else if (connection.reader.end() == ResponseReader::Progress::complete) {
    on_response(connection, true);
  } else {
    fail(connection, Fault::ended_early);
  }
}

void Load::on_response(Connection& connection, bool is_last) {
  const Time time = now();
  --in_flight_;
  ++finished_;
  ++tally_.all_responses;
  ++tally_.statuses[static_cast<std::size_t>(connection.reader.status())];
  if (connection.due >= tally_.measured_from) tally_.latency.add(time - connection.due);
  tally_.end = std::max(tally_.end, time);
  connection.state = Connection::State::idle;
  ++connection.served;
  if (is_last || connection.reader.closes() || connection.request->closes) {
    connection.close();
  } else if (connection.served == options_.per_connection) {
    connection.reset();
  }
  proceed(connection, time);
}

void Load::fail(Connection& connection, Fault fault) {
  ++tally_.faults[static_cast<std::size_t>(fault)];
  if (connection.state == Connection::State::busy) {
    --in_flight_;
    ++finished_;
  }
  connection.close();
  connection.state = Connection::State::down;
  down_.emplace_back(now() + pause_after_fault, &connection);
}

void Load::count_what_is_left() {
  tally_.faults[static_cast<std::size_t>(Fault::no_response)] += in_flight_;
  tally_.unsent = schedule_.total() - std::min(schedule_.total(), finished_ + in_flight_);
  if (!is_open_loop()) tally_.unsent = 0;
}

}  // namespace load
