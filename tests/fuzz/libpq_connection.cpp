#include "libpq_connection.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "require.hpp"

namespace chopin::fuzz {
namespace {

/// Where libpq connects to: a name in the abstract namespace, so no file is left behind.
class Address {
 public:
  Address() : host_("@chopin-libpq-judge-" + std::to_string(getpid())) {
    const std::string path = host_ + "/.s.PGSQL.5432";
    path.copy(address_.sun_path, sizeof address_.sun_path);
    address_.sun_path[0] = '\0';
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    address_.sun_family = AF_UNIX;
    require(bind(listener_, reinterpret_cast<const sockaddr*>(&address_), size_) == 0 &&
                listen(listener_, 1) == 0,
            "the judge's socket listens");
  }
  [[nodiscard]] const std::string& host() const noexcept { return host_; }
  [[nodiscard]] int take_connection() const {
    return accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }

 private:
  std::string host_;
  int listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);  // as long as the process
  sockaddr_un address_{};
  socklen_t size_ = 0;
};

std::string message_of(char type, std::string_view body) {
  const std::size_t size = body.size() + 4;
  return std::string{type, '\0', '\0', '\0', static_cast<char>(size)} + std::string(body);
}

std::string setting(std::string_view name, std::string_view value) {
  return message_of('S', std::string(name) + '\0' + std::string(value) + '\0');
}

std::string handshake() {
  return message_of('R', std::string(4, '\0')) + setting("server_version", "15.0") +
         setting("client_encoding", "UTF8") + setting("standard_conforming_strings", "on") +
         message_of('K', std::string(8, '\1')) + message_of('Z', "I");
}

const Address& address() {
  static const Address one;
  return one;
}

PGconn* begin_to_connect() {
  const std::string options = "host=" + address().host() +
                              " port=5432 user=judge dbname=judge sslmode=disable gssencmode=disable "
                              "application_name=judge client_encoding='' options=''";
  PGconn* const client = PQconnectStart(options.c_str());
  require(client != nullptr && PQstatus(client) != CONNECTION_BAD, "libpq begins to connect");
  PQsetNoticeReceiver(client, [](void*, const PGresult*) {}, nullptr);
  PQconnectPoll(client);  // sends the first message
  return client;
}

}  // namespace

LibpqConnection::LibpqConnection() : client_(begin_to_connect()), server_(address().take_connection()) {
  const std::string bytes = handshake();
  require(send(server_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
          "the handshake is sent");
  for (int i = 0; i < 10 && PQstatus(client()) != CONNECTION_OK; ++i) PQconnectPoll(client());
  require(PQstatus(client()) == CONNECTION_OK, "libpq is connected");
  static_cast<void>(receive());  // the first message
  require(PQsetnonblocking(client(), 1) == 0 && PQenterPipelineMode(client()) == 1,
          "libpq sends in a pipeline");
}

LibpqConnection::~LibpqConnection() {
  close(server_);
}

std::string LibpqConnection::receive() {
  PQflush(client());
  std::string bytes;
  std::array<char, 4096> part{};
  while (true) {
    const ssize_t size = recv(server_, part.data(), part.size(), 0);
    if (size <= 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(size));
  }
}

void LibpqConnection::send_last(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = send(server_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
    if (size < 0) require(errno == EAGAIN && PQconsumeInput(client()) == 1, "the server's bytes are sent");
  }
  shutdown(server_, SHUT_WR);
}

}  // namespace chopin::fuzz
