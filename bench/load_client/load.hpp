#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <sys/epoll.h>
#include <utility>
#include <vector>

#include "load_client/address.hpp"
#include "load_client/connection.hpp"
#include "load_client/options.hpp"
#include "load_client/request.hpp"
#include "load_client/schedule.hpp"
#include "load_client/tally.hpp"

namespace load {

/// One run. In an open loop request k is due k / rate seconds after the start, on connection k modulo
/// connections, and waits there for the response to the one before. In a closed loop each connection sends
/// its next request when it has its response.
class Load {
 public:
  /// Throws std::system_error.
  Load(const Options& options, const Address& address, std::vector<Request> requests);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  /// Once. Ends at the latest `grace` after the last request was due. Throws std::system_error if not all
  /// connections can be made at the start.
  Tally run();

 private:
  [[nodiscard]] bool is_open_loop() const noexcept { return options_.rate != 0; }
  [[nodiscard]] bool is_over(Time time) const noexcept;
  [[nodiscard]] std::uint64_t number_of_next(const Connection& connection) const noexcept;
  [[nodiscard]] Time next_wakeup(Time time) const noexcept;

  void connect_all();
  static bool has_just_connected(const epoll_event& event);
  void start();
  void send_due();
  void revive(Time time);
  int wait(Time until);

  void begin(Connection& connection, Time due);
  void proceed(Connection& connection, Time time);
  void on_event(const epoll_event& event);
  void receive(Connection& connection, bool peer_has_ended);
  void on_bytes(Connection& connection, std::string_view bytes, bool is_last);
  void on_end(Connection& connection);
  void on_response(Connection& connection, bool is_last);
  void fail(Connection& connection, Fault fault);
  void count_what_is_left();

  static constexpr std::size_t batch =
      16;  // so that a request that is due soon does not wait for many responses
  static constexpr std::size_t input_size = std::size_t{64} * 1024;

  const Options options_;
  const Address address_;
  const std::vector<Request> requests_;
  const int epoll_;
  std::deque<Connection> connections_;             // do not move
  std::deque<std::pair<Time, Connection*>> down_;  // and until when
  std::array<epoll_event, batch> events_{};
  std::unique_ptr<char[]> input_ = std::make_unique<char[]>(input_size);
  Schedule schedule_;
  std::uint64_t next_ = 0;      // the first request that is not yet due
  std::uint64_t finished_ = 0;  // requests that have a response or never will
  std::uint64_t in_flight_ = 0;
  Time end_ = 0;  // of the schedule
  Tally tally_;
};

}  // namespace load
