#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chopin::test {

/// How long a test waits for something that must happen. Only a broken server reaches it.
inline constexpr std::chrono::seconds patience{20};

/// One response as received.
struct Response {
  std::string head{};  ///< status line and fields, with the empty line
  std::string body{};
  int status = 0;

  /// The value of a field, empty if it is missing.
  [[nodiscard]] std::string field(std::string_view name) const;
  [[nodiscard]] std::size_t body_size() const;
};

/// A TCP client for raw bytes. Throws if it has to wait longer than `patience`.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept : fd_(other.fd_), received_(std::move(other.received_)) {
    other.fd_ = -1;
  }
  RawClient& operator=(RawClient&&) = delete;

  void send(std::string_view bytes);
  /// Sends as much as the socket accepts without waiting, and returns how much.
  std::size_t send_without_waiting(std::string_view bytes);
  void shutdown_send();
  /// Closes with a reset instead of a FIN.
  void reset();
  void shrink_receive_buffer();

  /// One whole response. `head_only`: it is to a HEAD request.
  Response read_response(bool head_only = false);
  std::string read_exactly(std::size_t size);
  /// Everything until the server closes. Throws if the connection is reset instead.
  std::string read_to_end();
  /// Whether nothing arrives for `time`, not even the end.
  bool is_silent_for(std::chrono::milliseconds time);
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  bool receive();  // false: the end

  int fd_ = -1;
  std::string received_;
};

/// A request without a body; each of `fields` ends with CR LF.
std::string get(std::string_view target, std::string_view fields = "");
inline const std::string get_json = get("/json");
/// The same of another method or version, the last one on its connection.
std::string closing(std::string_view request_line);

/// Sends `request` on a new connection without half-closing it, and returns everything until the server
/// closes.
std::string exchange(std::uint16_t port, std::string_view request);
/// The same for a connection that the server keeps open: returns the first response.
Response ask(std::uint16_t port, std::string_view request, bool head_only = false);

/// Whether a server accepts connections on this port.
bool accepts(std::uint16_t port);

/// The statuses of the responses in `bytes`. Throws if these are not complete responses.
std::vector<int> statuses_of(std::string_view bytes);

/// The bytes with every Date value replaced by a fixed text of the same length.
std::string without_dates(std::string text);
inline constexpr std::string_view fixed_date = "Xxx, 00 Xxx 0000 00:00:00 GMT";
inline const std::string date_line = "Date: " + std::string(fixed_date) + "\r\n";

}  // namespace chopin::test
