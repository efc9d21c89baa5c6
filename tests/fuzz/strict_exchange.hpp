#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strict_reader.hpp"

/// Both directions of a connection read strictly by RFC 9112, to check a server's responses against the
/// requests. Shares no code with the server.
namespace chopin::fuzz {

/// A whole request.
struct StrictRequest {
  StrictHead head;
  std::uint64_t body_size = 0;
  std::optional<std::string_view> body{};  ///< if it came in one piece

  /// Whether it ends the connection: the client says so, or what follows may be another protocol.
  [[nodiscard]] bool is_last() const;
  /// Method and target.
  [[nodiscard]] std::string name() const;
};

/// The requests of a stream, one after the other.
class StrictRequests {
 public:
  explicit StrictRequests(std::string_view stream) : rest_(stream) { skip_empty_lines(); }

  /// Nothing if what follows is malformed or incomplete: a server must refuse it.
  std::optional<StrictRequest> next();
  /// What follows.
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  void skip_empty_lines();

  std::string_view rest_;
};

/// A final response, and the 100s before it.
struct StrictResponse {
  StrictHead head;  ///< its fields
  int status = 0;
  std::string_view body{};
  std::size_t continues = 0;
  std::size_t head_begin = 0;  ///< after the 100s
  std::size_t size = 0;        ///< of it all

  [[nodiscard]] bool closes() const { return head.has_connection_option("close"); }
  [[nodiscard]] std::optional<std::string_view> value(std::string_view lower_case_name) const;
};

/// The response at the start of `bytes`; nothing if it is incomplete. Fails if it is malformed.
std::optional<StrictResponse> read_strict_response(std::string_view bytes, bool to_head);

/// What may happen to a connection.
enum class Course : std::uint8_t {
  open,       ///< the client may send more, and the server is idle
  complete,   ///< the client has sent all and read to the end, and no timeout expired
  disturbed,  ///< a timeout, a shutdown or the client itself may have ended it
};

/// A response without its Date and the 100s.
struct Outcome {
  int status = 0;
  std::string bytes{};
  std::size_t body_size = 0;
  bool is_rejection = false;

  [[nodiscard]] std::string_view body() const {
    return std::string_view(bytes).substr(bytes.size() - body_size);
  }

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Fails unless `received` is what a server may send in response to `sent`: one response to each request, in
/// order; a rejection is the last.
std::vector<Outcome> judge_exchange(std::string_view sent, std::string_view received, Course course);

}  // namespace chopin::fuzz
