#include "connection/outbox.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <sys/uio.h>
#include <utility>

namespace chopin::connection {
namespace {

/// How many pieces one call sends; the rest wait for the next call.
constexpr std::size_t most_pieces = 16;

iovec piece_of(std::string_view bytes) noexcept {
  return {.iov_base = const_cast<char*>(bytes.data()),  // NOLINT: sendmsg(2) does not write there
          .iov_len = bytes.size()};
}

}  // namespace

Outbox::Outbox(const Output& output, std::size_t sent, const Limits& limits, std::size_t unacknowledged)
    : unacknowledged_(unacknowledged), pace_(limits) {
  const std::string_view bytes = output.bytes().bytes();
  const std::size_t sent_bytes = std::min(sent, bytes.size());
  if (sent_bytes < bytes.size()) {
    pieces_.push_back({.own = std::string(bytes.substr(sent_bytes)), .shared = nullptr});
  }
  if (output.body() != nullptr) pieces_.push_back({.own = {}, .shared = output.body()});
  forget(sent - sent_bytes);
}

system::Transfer Outbox::send(const Stream& stream) noexcept {
  std::array<iovec, most_pieces> pieces{};
  const std::size_t count = std::min(pieces_.size(), most_pieces);
  for (std::size_t i = 0; i < count; ++i) pieces[i] = piece_of(pieces_[i].bytes());
  const system::Transfer transfer = stream.send(std::span(pieces).first(count));
  forget(transfer.size);
  unacknowledged_ += transfer.size;
  return transfer;
}

std::size_t Outbox::take_progress(std::size_t unacknowledged) noexcept {
  const std::size_t before = std::exchange(unacknowledged_, unacknowledged);
  return before - std::min(before, unacknowledged);
}

system::Transfer Outbox::send(const Stream& stream, const Output& output) noexcept {
  const std::array pieces{piece_of(output.bytes().bytes()), piece_of(*output.body())};
  return stream.send(pieces);
}

std::size_t Outbox::memory() const noexcept {
  std::size_t sum = sizeof *this;
  for (const Piece& piece : pieces_) {
    sum += sizeof piece + piece.own.capacity();
    if (piece.shared != nullptr && piece.shared.use_count() == 1) sum += piece.shared->size();
  }
  return sum;
}

void Outbox::forget(std::size_t sent) noexcept {
  auto left = pieces_.begin();
  for (; left != pieces_.end() && sent >= left->bytes().size(); ++left) sent -= left->bytes().size();
  if (left != pieces_.end()) left->begin += sent;
  pieces_.erase(pieces_.begin(), left);
}

}  // namespace chopin::connection
