#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "connection/buffers.hpp"
#include "connection/part_memory.hpp"
#include "connection/session_context.hpp"
#include "connection/upload.hpp"
#include "http/chunked_body.hpp"
#include "http/head_scanner.hpp"
#include "http/rejection.hpp"
#include "http/request_head.hpp"

namespace chopin::connection {

/// The reading half of HTTP/1.1 on a connection: reads one request after the other from the input.
///
///     between_requests --bytes--> in_head --head with a body--> in_body
///            ^                       |                             |
///            +----- whole request ---+------- end of the body -----+
///
///     any state --the last request, or one that is refused--> done
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: its connection's.
/// Throws: std::bad_alloc.
class RequestReader {
 public:
  enum class State : std::uint8_t { between_requests, in_head, in_body, done };

  /// The result of reading.
  enum class Read : std::uint8_t {
    request,      ///< a whole request
    body_begins,  ///< the head is parsed and announces a body; call `begin_body`
    needs_input,  ///< the request is not complete
    rejected,     ///< see `rejection`
  };

  explicit RequestReader(SessionContext& context) noexcept : context_(context) {}

  /// Received and not yet consumed.
  [[nodiscard]] InputBuffer& input() noexcept { return input_; }
  [[nodiscard]] State state() const noexcept {
    if (state_ != State::between_requests || input_.empty()) return state_;
    return State::in_head;
  }
  /// What the connection holds of requests that are not complete, in bytes.
  [[nodiscard]] std::size_t memory() const noexcept {
    return input_.own_memory() + (upload_ == nullptr ? 0 : upload_->memory());
  }
  [[nodiscard]] bool has_open_body() const noexcept { return state_ == State::in_body; }
  /// Reads no more requests.
  void end() noexcept {
    upload_.reset();
    state_ = State::done;
  }
  /// Why the last request is refused.
  [[nodiscard]] http::Rejection rejection() const noexcept { return rejection_; }
  /// Whether the request that has begun is a HEAD, so that its response has no body.
  [[nodiscard]] bool is_head_request() const noexcept;

  // ---- The hot path: heads. ----

  /// The input: starts with the next head. Passed to the functions below as an argument, so that it stays in
  /// registers.
  [[nodiscard]] std::string_view bytes() const noexcept { return input_.bytes(); }
  /// The head at the start of `bytes` if it is remembered.
  [[nodiscard, gnu::always_inline]] const HeadMemo::Known* find_remembered(
      std::string_view bytes) const noexcept {
    return context_.worker.memo == nullptr ? nullptr : context_.worker.memo->find(bytes);
  }
  /// The bytes from the start of a head that was just consumed.
  [[nodiscard]] std::string_view bytes_from(const http::RequestHead& head) const noexcept {
    const std::string_view after = input_.bytes();
    return {after.data() - head.size, head.size + after.size()};
  }
  /// Consumes a head.
  [[gnu::always_inline]] void take_head(std::uint32_t size) noexcept {
    input_.consume(size);
    examined_ = 0;
    empty_lines_ = 0;
  }
  /// Reads the plain head at the start of `bytes`, without consuming it. False if `parse_head` must read it.
  [[gnu::always_inline]] bool scan_head(std::string_view bytes, http::RequestHead& head) {
    return can_scan() && http::scan_head(bytes, context_.burst.parsers, head);
  }
  /// Skips empty lines, reads any head into the burst's parser, and consumes it.
  Read parse_head();

  // ---- Bodies. ----

  /// The body of a head that was found or scanned and is not consumed yet, if the input has all of it; its
  /// size is 0 if `parse_head` must read the head, and the body after it.
  [[nodiscard]] http::FramedBody find_body(const http::RequestHead& head) {
    const std::string_view rest = input_.bytes().substr(head.size);
    if (head.body_size == http::RequestHead::chunked) {
      return http::read_chunked_body(rest, context_.burst.parsers.most_body, context_.burst.body);
    }
    if (rest.size() < head.body_size) return {};
    return {.content = rest.substr(0, head.body_size), .size = head.body_size};
  }
  /// Consumes a body that `find_body` has found, after its head.
  void take_body(const http::FramedBody& body) noexcept { input_.consume(body.size); }

  /// Whether the client waits for a 100 before it sends the body of the request whose head was read last
  /// (RFC 9110 section 10.1.1).
  [[nodiscard]] bool expects_continue() const noexcept {
    return context_.burst.last_parser().expects_continue() && input_.empty();
  }
  /// Reads the available part of the body of the request whose head was read last, into the burst's body. At
  /// most `most` bytes are accepted. If that is not all, an Upload keeps the request and its route until the
  /// body is complete.
  Read begin_body(const RequestRoute& route, std::uint64_t most);
  /// Continues a body that `begin_body` has not completed.
  Read continue_body();
  /// Lets a handler read the body of the request whose head was read last, in parts of at most `most` bytes
  /// in all.
  void begin_parts(std::uint64_t most);
  enum class Part : std::uint8_t { bytes, ended, needs_input, rejected };
  /// The next part of it, which is then consumed by the next call. Stays in place until then.
  Part next_part(std::string_view& bytes);
  /// Whether a body is read in parts that has not ended.
  [[nodiscard]] bool has_parts() const noexcept { return upload_ != nullptr && upload_->is_in_parts; }
  /// The memory of the part that was read last, and all other input with it: no more will be read. Moving it
  /// does not move the part.
  [[nodiscard]] PartMemory give_up_parts() noexcept {
    return {.input = std::exchange(input_, {}), .upload = std::move(upload_)};
  }
  /// No more of it will come: `next_part` rejects it.
  void refuse_parts(http::Rejection rejection) noexcept { refuse(rejection); }
  /// To be called when `continue_body` has completed the body.
  [[nodiscard]] std::unique_ptr<Upload> take_upload() noexcept;
  /// While a body is awaited: whether more of it has been consumed since the last call.
  bool take_body_progress() noexcept { return std::exchange(upload_->has_progressed, false); }
  /// If there is an open body: before this, so many ticks were spent on waiting for a body. Of a new one that
  /// was another.
  void note_body_wait(std::uint32_t ticks) noexcept {
    if (upload_ == nullptr) return;
    const bool is_new = !std::exchange(upload_->is_paced, true);
    upload_->pace.note(std::exchange(upload_->unpaced, 0), is_new ? 0 : ticks);
  }
  [[nodiscard]] bool is_body_too_slow() const noexcept { return upload_->pace.is_too_slow(); }

  /// Refuses the request that has begun, because no more input will come.
  Read refuse_truncated();
  /// The fields of the request that has begun, as far as they are well-formed. Reads them again.
  [[nodiscard]] std::span<const Field> begun_fields();

 private:
  Part end_parts() noexcept;
  Read refuse(http::Rejection rejection) noexcept {
    rejection_ = rejection;
    return Read::rejected;
  }
  /// A head that was incomplete is left to the parser.
  [[nodiscard]] bool can_scan() const noexcept { return examined_ == 0; }
  bool skip_empty_lines() noexcept;
  [[nodiscard]] bool can_end_head() noexcept;

  SessionContext& context_;
  InputBuffer input_;
  std::unique_ptr<Upload> upload_;
  std::uint32_t examined_ = 0;  // size of the incomplete head when it was last parsed; 0 if it was not
  std::uint32_t empty_lines_ = 0;
  State state_ = State::between_requests;  // never in_head: `state` derives that from the input
  http::Rejection rejection_ = http::Rejection::none;
  std::uint32_t scanned_ = 0;  // while `examined_` is not 0: how far `can_end_head` has looked
};

}  // namespace chopin::connection
