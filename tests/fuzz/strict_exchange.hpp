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

/// A request whose head is whole.
struct StrictRequest {
  StrictHead head;
  std::string body{};  ///< what is in it, as far as it is well-formed
  bool is_chunked = false;
  bool is_whole = false;
  std::size_t size = 0;  ///< if it is whole

  /// Whether it ends the connection: the client says so, or what follows may be another protocol.
  [[nodiscard]] bool is_last() const;
  /// Method and target.
  [[nodiscard]] std::string name() const;
};

/// The request at the start of `bytes`. Nothing if its head is malformed or incomplete.
std::optional<StrictRequest> read_strict_request(std::string_view bytes);

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
  enum class Framing : std::uint8_t { length, chunked, until_close };

  StrictHead head;  ///< its fields
  int status = 0;
  Framing framing = Framing::length;
  bool has_ended = true;  ///< false for chunks without the last one
  bool is_cut = false;    ///< amid a chunk
  std::string body{};
  std::size_t continues = 0;
  std::size_t head_begin = 0;  ///< after the 100s
  std::size_t head_size = 0;
  std::size_t size = 0;  ///< of it all

  [[nodiscard]] bool is_streamed() const noexcept { return framing != Framing::length; }
  [[nodiscard]] bool closes() const { return head.has_connection_option("close"); }
  [[nodiscard]] std::optional<std::string_view> value(std::string_view lower_case_name) const;
};

/// The response at the start of `bytes`; nothing if it is incomplete, unless its body is streamed. Fails if
/// it is malformed.
std::optional<StrictResponse> read_strict_response(std::string_view bytes, bool to_head);

/// What may happen to a connection.
enum class Course : std::uint8_t {
  open,       ///< the client may send more, and the server is idle
  complete,   ///< the client has sent all and read to the end, and no timeout expired
  disturbed,  ///< a timeout, a shutdown or the client itself may have ended it
};

/// A response without its Date, the 100s and the chunks' framing.
struct Outcome {
  enum class Kind : std::uint8_t {
    routed,
    rejected,  ///< no route has seen the request
    refused,   ///< a handler was reading its body in parts
    broken,    ///< the same, and the response had begun
    early,     ///< the handler has not read the whole body
  };

  int status = 0;
  std::string bytes{};
  std::size_t body_size = 0;
  Kind kind = Kind::routed;

  [[nodiscard]] std::string_view body() const {
    return std::string_view(bytes).substr(bytes.size() - body_size);
  }

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Whether two deliveries of one stream have led to the same. How much of a body has come when a handler
/// reads it may decide whether the response has begun, and whether the connection persists.
bool are_same(const std::vector<Outcome>& these, const std::vector<Outcome>& those);

/// Fails unless `received` is what a server may send in response to `sent`: one response to each request, in
/// order; a rejection is the last.
std::vector<Outcome> judge_exchange(std::string_view sent, std::string_view received, Course course);

}  // namespace chopin::fuzz
