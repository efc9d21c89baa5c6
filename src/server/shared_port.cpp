#include "server/shared_port.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <span>
#include <sys/eventfd.h>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "server/listening_sockets.hpp"
#include "system/socket_passing.hpp"
#include "system/sockets.hpp"
#include "system/thread_name.hpp"

namespace chopin::server {
namespace {

using std::chrono::steady_clock;
using system::Descriptor;
using system::DescriptorMessage;

// The messages. Sockets come in one `more` for each 253, and a last `sockets`.
constexpr char take = 't';
constexpr char more = 'm';
constexpr char sockets_message = 's';
constexpr char adopted = 'a';

/// More than any server has: 1,024 workers, on two addresses.
constexpr std::size_t most_sockets = 4096;

/// For talking to the other servers, of which each may let us wait.
constexpr std::chrono::seconds most_time{2};

Descriptor duplicate(int fd) {
  Descriptor copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy.is_open()) throw std::system_error(errno, std::generic_category(), "fcntl");
  return copy;
}

bool send_sockets(int fd, std::span<const Descriptor> sockets) noexcept {
  constexpr std::size_t most = DescriptorMessage::most_descriptors;
  for (; sockets.size() > most; sockets = sockets.subspan(most)) {
    if (!system::send_message(fd, more, sockets.first(most))) return false;
  }
  return system::send_message(fd, sockets_message, sockets);
}

/// The next message; none if the peer is silent, or as soon as `stop` is readable. Nothing stops -1.
DescriptorMessage receive(int fd, int stop) {
  std::array<pollfd, 2> waits{
      {{.fd = fd, .events = POLLIN, .revents = 0}, {.fd = stop, .events = POLLIN, .revents = 0}}};
  constexpr auto timeout = static_cast<int>(system::passing_timeout.count());
  while (poll(waits.data(), waits.size(), timeout) < 0 && errno == EINTR) {
  }
  if (waits[0].revents == 0 || waits[1].revents != 0) return {};
  return system::receive_message(fd);
}

/// Nothing if the peer does not send them all in time, or as soon as `stop` is readable.
std::optional<std::vector<Descriptor>> receive_sockets(int fd, DescriptorMessage message, int stop = -1) {
  const auto until = steady_clock::now() + most_time;
  std::vector<Descriptor> sockets;
  for (;;) {
    const bool is_empty = message.descriptors.empty();
    std::ranges::move(message.descriptors, std::back_inserter(sockets));
    if (message.kind == sockets_message) return sockets;
    if (message.kind != more || is_empty || sockets.size() > most_sockets || steady_clock::now() > until) {
      return std::nullopt;
    }
    message = receive(fd, stop);
  }
}

}  // namespace

SharedPort::SharedPort(std::vector<boost::asio::ip::tcp::endpoint> addresses, Log log)
    : addresses_(std::move(addresses)), log_(std::move(log)) {}

SharedPort::~SharedPort() {
  leave();
}

std::string SharedPort::name(int number) const {
  return fmt::format("chopin/{}/{}", to_string(addresses_.front()), number);
}

std::vector<Descriptor> SharedPort::take_over() const {
  const auto until = steady_clock::now() + most_time;
  for (int number = 0; number < most_servers && steady_clock::now() < until; ++number) {
    const Descriptor server = system::connect_locally(name(number));
    if (!server.is_open() || !system::send_message(server.get(), take)) continue;
    auto sockets = receive_sockets(server.get(), system::receive_message(server.get()));
    if (!sockets) continue;
    std::erase_if(*sockets, [this](const Descriptor& socket) { return !is_ours(socket.get()); });
    if (!sockets->empty()) return std::move(*sockets);
  }
  return {};
}

void SharedPort::keep(const std::vector<Descriptor>& sockets) {
  for (const Descriptor& socket : sockets) sockets_.push_back(duplicate(socket.get()));
}

void SharedPort::join(std::function<void(Descriptor)> adopt) try {
  adopt_ = std::move(adopt);
  for (number_ = 0; number_ < most_servers && !local_.is_open(); ++number_) {
    local_ = system::listen_locally(name(number_));
  }
  if (!local_.is_open()) {
    log_.warn("many servers share the port already: a restart of this one may lose connections",
              {{"servers", most_servers}});
    return;
  }
  --number_;
  stop_ = Descriptor(eventfd(0, EFD_CLOEXEC));
  if (!stop_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { serve(); });
} catch (const std::system_error& error) {
  local_ = {};
  log_.warn("the port's sockets cannot be shared: a restart of this server may lose connections",
            {{"error", error.what()}});
}

void SharedPort::leave() noexcept {
  if (thread_.joinable()) {
    eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  local_ = {};  // nobody can join any more
  const std::vector<Descriptor> sockets = std::exchange(sockets_, {});
  const auto until = steady_clock::now() + most_time;
  for (int number = 0; number < most_servers && !sockets.empty(); ++number) {
    // To connect, to send each message, to receive.
    const auto waits = 3 + static_cast<int>(sockets.size() / DescriptorMessage::most_descriptors);
    const auto wait =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now()) / waits;
    if (wait.count() <= 0) return;
    const Descriptor server = system::connect_locally(name(number), wait);
    if (!server.is_open() || !send_sockets(server.get(), sockets)) continue;
    try {
      if (system::receive_message(server.get()).kind == adopted) return;
    } catch (const std::exception&) {
      continue;  // out of memory
    }
  }
}

// ---- The thread. ----

void SharedPort::serve() {
  system::name_this_thread("shared port");
  std::array<pollfd, 2> waits{{{.fd = local_.get(), .events = POLLIN, .revents = 0},
                               {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
  while (poll(waits.data(), waits.size(), -1) >= 0 || errno == EINTR) {
    if (waits[1].revents != 0) return;
    if ((waits[0].revents & POLLIN) == 0) continue;
    const Descriptor server = system::accept_locally(local_.get());
    if (!server.is_open()) {
      constexpr int between_attempts = 100;  // ms: it still waits, most likely for a free descriptor
      if (errno != EPERM) poll(&waits[1], 1, between_attempts);
      continue;
    }
    try {
      serve_one(server.get());
    } catch (const std::exception& error) {
      log_.warn("another server on the port cannot be served", {{"error", error.what()}});
    }
  }
}

void SharedPort::serve_one(int fd) {
  DescriptorMessage message = receive(fd, stop_.get());
  if (message.kind == take) {
    send_sockets(fd, sockets_);
    return;
  }
  auto offered = receive_sockets(fd, std::move(message), stop_.get());
  if (!offered) return;
  adopt_all(std::move(*offered));
  system::send_message(fd, adopted);
}

void SharedPort::adopt_all(std::vector<Descriptor> offered) {
  for (Descriptor& socket : offered) {
    if (!is_ours(socket.get()) || is_known(socket.get()) || sockets_.size() >= most_sockets) continue;
    sockets_.push_back(duplicate(socket.get()));
    adopt_(std::move(socket));
  }
}

/// Whether it is a listening socket on one of the addresses.
bool SharedPort::is_ours(int fd) const noexcept {
  return system::is_listening(fd) && std::ranges::find(addresses_, address_of(fd)) != addresses_.end();
}

bool SharedPort::is_known(int fd) const noexcept {
  const std::uint64_t identity = system::identity_of(fd);
  return std::ranges::any_of(
      sockets_, [identity](const Descriptor& known) { return system::identity_of(known.get()) == identity; });
}

}  // namespace chopin::server
