// The least that an epoll server can cost: one thread, no HTTP. It counts empty lines and sends the bytes
// that chopin sends for /plaintext, so that chopin's extra cost is the price of HTTP, limits and deadlines.
// With `sum` it sends those of chopin_arena for 13 + 42.

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

struct Plaintext {
  static constexpr std::string_view response =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nServer: chopin\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nHello, World!";
  static constexpr bool has_chunks = false;  // in its requests
};

struct Sum {
  static constexpr std::string_view response =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nServer: chopin\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n55";
  static constexpr bool has_chunks = true;
};

constexpr std::size_t date_size = 29;
constexpr std::size_t read_size = 64 * 1024;           // as chopin
constexpr std::size_t most_responses = read_size / 2;  // if a read holds nothing but empty lines
constexpr long tick_nanoseconds = 500'000'000;         // as chopin's clock
constexpr std::uint32_t peer_has_ended = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

volatile std::sig_atomic_t stop_wanted = 0;

int require(int result, const char* operation) {
  if (result >= 0) return result;
  std::perror(operation);
  std::exit(EXIT_FAILURE);
}

int listen_on(std::uint16_t port) {
  const int fd = require(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  require(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");  // connections inherit it
  require(bind(fd, generic, size), "bind");
  require(listen(fd, SOMAXCONN), "listen");
  require(getsockname(fd, generic, &size), "getsockname");
  std::printf("floor\n  address    http://127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

int open_ticker() {
  const int fd = require(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create");
  const itimerspec every_tick{{0, tick_nanoseconds}, {0, tick_nanoseconds}};
  require(timerfd_settime(fd, 0, &every_tick, nullptr), "timerfd_settime");
  return fd;
}

struct Connection {
  std::size_t line_size = 0;  // of the line that the last read left incomplete
  std::string unsent;
};

template <class Service>
class Floor {
 public:
  explicit Floor(std::uint16_t port) : listener_(listen_on(port)) {
    refresh_date();
    watch(ticker_, EPOLLIN);
    watch(listener_, EPOLLIN);
  }

  void run() {
    std::array<epoll_event, 128> events;  // as many as Asio asks for
    while (stop_wanted == 0) {            // a signal that just misses epoll_wait is seen at the next tick
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) dispatch(events[static_cast<std::size_t>(i)]);
    }
    std::fprintf(stderr, "served requests=%ju connections=%ju\n", requests_, accepted_);
  }

 private:
  static constexpr std::string_view response_bytes = Service::response;
  static constexpr std::size_t date_offset = response_bytes.find("Sun,");

  void watch(int fd, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    require(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }

  void dispatch(const epoll_event& event) {
    const int fd = event.data.fd;
    if (fd == listener_) return accept_all();
    if (fd == ticker_) return on_tick();
    if (!serve(fd, connections_[static_cast<std::size_t>(fd)], event.events)) close(fd);
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const auto index = static_cast<std::size_t>(fd);
      if (connections_.size() <= index) connections_.resize(index * 2);
      connections_[index] = {};
      ++accepted_;
      // Level-triggered, the kernel would check a socket again after each burst. EPOLLOUT costs nothing: its
      // edge comes only after a send was refused.
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
  }

  /// False when the connection is over.
  bool serve(int fd, Connection& connection, std::uint32_t events) {
    if (!connection.unsent.empty()) {
      const std::string rest = std::exchange(connection.unsent, {});
      if (!send_or_keep(fd, connection, rest)) return false;
    }
    while (connection.unsent.empty()) {
      const ssize_t received = recv(fd, input_.data(), input_.size(), 0);
      if (received < 0) return errno == EAGAIN;
      if (received == 0) return false;
      const auto size = static_cast<std::size_t>(received);
      if (!send_or_keep(fd, connection, respond(connection, {input_.data(), size}))) return false;
      // A short read has emptied the socket, but an end of stream that came with it gives no edge of its own.
      if (size < input_.size() && (events & peer_has_ended) == 0) break;
    }
    return true;
  }

  /// One response for each empty line (CR LF). Copied one by one, as a server must that does not know which
  /// response comes next.
  std::string_view respond(Connection& connection, std::string_view bytes) {
    char* out = output_.get();
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    while (const void* const found = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
      const auto* const line_end = static_cast<const char*>(found);
      const bool is_empty = connection.line_size + static_cast<std::size_t>(line_end - at) == 1;
      if (is_empty && !(Service::has_chunks && ends_chunks({bytes.data(), at}))) {
        std::memcpy(out, response_.data(), response_bytes.size());
        out += response_bytes.size();
        ++requests_;
      }
      connection.line_size = 0;
      at = line_end + 1;
    }
    connection.line_size += static_cast<std::size_t>(end - at);
    return {output_.get(), out};
  }

  /// Whether an empty line after these bytes ends a chunked body. A head has no line `0`.
  static bool ends_chunks(std::string_view before) noexcept { return before.ends_with("\n0\r\n"); }

  /// False if the peer can no longer be reached.
  static bool send_or_keep(int fd, Connection& connection, std::string_view bytes) {
    if (bytes.empty()) return true;
    const ssize_t result = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (result < 0 && errno != EAGAIN) return false;
    const std::size_t sent = result < 0 ? 0 : static_cast<std::size_t>(result);
    if (sent < bytes.size()) connection.unsent = bytes.substr(sent);
    return true;
  }

  void on_tick() {
    std::uint64_t ticks = 0;
    if (read(ticker_, &ticks, sizeof ticks) == sizeof ticks) refresh_date();
  }

  void refresh_date() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, date_size + 1> text{};  // strftime ends it with a NUL
    std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    response_.replace(date_offset, date_size, text.data());
  }

  const int listener_;
  const int epoll_ = require(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  const int ticker_ = open_ticker();
  std::vector<Connection> connections_;  // by descriptor
  std::string response_{response_bytes};
  std::array<char, read_size> input_;
  std::unique_ptr<char[]> output_ =
      std::make_unique_for_overwrite<char[]>(most_responses * response_bytes.size());
  std::uintmax_t requests_ = 0;
  std::uintmax_t accepted_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view text = argc == 2 || argc == 3 ? argv[1] : "";
  const std::string_view service = argc == 3 ? argv[2] : "plaintext";
  const char* const text_end = text.data() + text.size();
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text_end, port);
  if (error != std::errc{} || end != text_end || (service != "plaintext" && service != "sum")) {
    std::fputs("usage: chopin_floor PORT [plaintext | sum]   (0 lets the kernel choose)\n", stderr);
    return 2;
  }
  const auto stop = [](int) { stop_wanted = 1; };
  std::signal(SIGTERM, stop);
  std::signal(SIGINT, stop);
  if (service == "sum") {
    Floor<Sum>(port).run();
  } else {
    Floor<Plaintext>(port).run();
  }
}
