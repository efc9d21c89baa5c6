#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "chopin/log.hpp"
#include "system/descriptor.hpp"

namespace chopin::server {

/// How servers that share a port (`Config::share_port`) share their listening sockets too, so that a restart
/// loses no connection. The kernel resets the connections that wait for a listening socket when its last
/// descriptor is closed. So a server that starts takes the sockets of one that runs, and accepts from them as
/// well; one that stops offers the others those that they do not have.
///
/// The servers find each other by local sockets, "chopin/127.0.0.1:3000/0" and so on, in one network
/// namespace, and talk only to servers of the same user. Without another server nothing is lost but the
/// privilege: each then has its own sockets, and the kernel spreads the connections.
///
/// Thread safety: one thread. `adopt` is called on a thread of this object.
/// Lifetime: keeps a descriptor of each socket until `leave`.
/// Throws: std::system_error, std::bad_alloc.
class SharedPort {
 public:
  /// Servers that can share one port.
  static constexpr int most_servers = 16;

  /// `addresses`: where the server listens, not empty.
  explicit SharedPort(std::vector<boost::asio::ip::tcp::endpoint> addresses, Log log = {});
  ~SharedPort();
  SharedPort(const SharedPort&) = delete;
  SharedPort& operator=(const SharedPort&) = delete;

  /// The sockets of another server, which stay open in both. Empty if there is none, or if it does not
  /// respond within a second.
  [[nodiscard]] std::vector<system::Descriptor> take_over() const;
  /// Keeps a descriptor of each socket.
  void keep(const std::vector<system::Descriptor>& sockets);
  /// From now on gives the sockets to servers that start, and passes to `adopt` what servers that stop offer.
  /// Where that is not possible, because local sockets are forbidden for example, logs a warning instead.
  void join(std::function<void(system::Descriptor)> adopt);
  /// Offers the sockets to the others until one has adopted them. Takes up to two seconds if others do not
  /// respond.
  void leave() noexcept;

 private:
  void serve();
  void serve_one(int fd);
  void adopt_all(std::vector<system::Descriptor> offered);
  [[nodiscard]] bool is_ours(int fd) const noexcept;
  [[nodiscard]] bool is_known(int fd) const noexcept;
  [[nodiscard]] std::string name(int number) const;

  const std::vector<boost::asio::ip::tcp::endpoint> addresses_;
  const Log log_;
  std::vector<system::Descriptor> sockets_;  // the thread's, while it runs
  std::function<void(system::Descriptor)> adopt_;
  system::Descriptor local_;
  int number_ = -1;
  system::Descriptor stop_;  // an eventfd
  std::thread thread_;
};

}  // namespace chopin::server
