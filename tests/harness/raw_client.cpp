#include "harness/raw_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace chopin::test {
namespace {

using std::chrono::milliseconds;

bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool is_ready(int fd, short events, milliseconds time) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  const int ready = poll(&entry, 1, static_cast<int>(time.count()));
  if (ready < 0 && errno != EINTR) fail("poll");
  return ready > 0;
}

void await(int fd, short events) {
  if (!is_ready(fd, events, patience)) throw std::runtime_error("the server kept the client waiting");
}

}  // namespace

std::string Response::field(std::string_view name) const {
  std::size_t line = head.find("\r\n");
  while (line != std::string::npos) {
    line += 2;
    const std::size_t end = head.find("\r\n", line);
    const std::string_view text = std::string_view(head).substr(line, end - line);
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && is_same_name(text.substr(0, colon), name)) {
      return std::string(text.substr(std::min(text.find_first_not_of(' ', colon + 1), text.size())));
    }
    line = end;
  }
  return {};
}

std::size_t Response::body_size() const {
  const std::string length = field("Content-Length");
  return length.empty() ? 0 : std::stoul(length);
}

RawClient::RawClient(std::uint16_t port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(fd_);
    fail("connect");
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawClient::~RawClient() {
  if (fd_ >= 0) close(fd_);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    await(fd_, POLLOUT);
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) fail("send");
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t RawClient::send_without_waiting(std::string_view bytes) {
  const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN) fail("send");
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void RawClient::shutdown_send() {
  shutdown(fd_, SHUT_WR);
}

void RawClient::reset() {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  close(fd_);
  fd_ = -1;
}

void RawClient::shrink_receive_buffer() {
  const int size = 4096;
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool RawClient::receive() {
  await(fd_, POLLIN);
  std::array<char, 65536> buffer;
  const ssize_t size = recv(fd_, buffer.data(), buffer.size(), 0);
  if (size < 0) fail("recv");
  received_.append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0;
}

std::string RawClient::read_exactly(std::size_t size) {
  while (received_.size() < size) {
    if (!receive()) throw std::runtime_error("the server closed early, after: " + received_);
  }
  std::string bytes = received_.substr(0, size);
  received_.erase(0, size);
  return bytes;
}

Response RawClient::read_response(bool head_only) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) throw std::runtime_error("the server closed early, after: " + received_);
  }
  Response response{.head = read_exactly(end + 4)};
  response.status = std::stoi(response.head.substr(9, 3));
  if (!head_only) response.body = read_exactly(response.body_size());
  return response;
}

std::string RawClient::read_to_end() {
  while (receive()) {
  }
  return std::move(received_);
}

bool RawClient::is_silent_for(milliseconds time) {
  return received_.empty() && !is_ready(fd_, POLLIN, time);
}

std::string get(std::string_view target, std::string_view fields) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

std::string closing(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: h\r\nConnection: close\r\n\r\n";
}

std::string exchange(std::uint16_t port, std::string_view request) {
  RawClient client(port);
  client.send(request);
  return client.read_to_end();
}

Response ask(std::uint16_t port, std::string_view request, bool head_only) {
  RawClient client(port);
  client.send(request);
  return client.read_response(head_only);
}

bool accepts(std::uint16_t port) {
  try {
    const RawClient client(port);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::vector<int> statuses_of(std::string_view bytes) {
  std::vector<int> statuses;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos || !bytes.starts_with("HTTP/1.1 ")) {
      throw std::runtime_error("not a response: " + std::string(bytes));
    }
    const Response response{.head = std::string(bytes.substr(0, end + 4))};
    statuses.push_back(std::stoi(response.head.substr(9, 3)));
    bytes.remove_prefix(response.head.size());
    if (bytes.size() < response.body_size()) throw std::runtime_error("a truncated response");
    bytes.remove_prefix(response.body_size());
  }
  return statuses;
}

std::string without_dates(std::string text) {
  constexpr std::string_view name = "\r\nDate: ";
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    text.replace(at + name.size(), fixed_date.size(), fixed_date);
  }
  return text;
}

}  // namespace chopin::test
