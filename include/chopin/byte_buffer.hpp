#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace chopin {

/// Bytes that grow at their end. Unlike a string it lets its user write there first and say how much
/// afterwards, and clears without giving up its memory, unless that has become large.
class ByteBuffer {
 public:
  /// `most_kept`: what `clear` keeps of the memory, in bytes.
  explicit ByteBuffer(std::size_t most_kept = std::size_t{64} * 1024) noexcept : most_kept_(most_kept) {}
  ByteBuffer(ByteBuffer&& other) noexcept
      : memory_(std::move(other.memory_)),
        most_kept_(other.most_kept_),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(most_kept_, other.most_kept_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() = default;

  /// Room for `size` bytes, to be written from the returned place on. Stays until the buffer changes.
  [[gnu::always_inline]] char* prepare(std::size_t size) {
    if (size > capacity_ - size_) [[unlikely]]
      grow(size);
    return memory_.get() + size_;
  }
  /// The same, but null where the memory would have to grow.
  [[nodiscard, gnu::always_inline]] char* room(std::size_t size) const noexcept {
    return size <= capacity_ - size_ ? memory_.get() + size_ : nullptr;
  }
  /// `end`: behind the last byte written.
  [[gnu::always_inline]] void commit(const char* end) noexcept {
    size_ = static_cast<std::size_t>(end - memory_.get());
  }

  /// The same by the number of bytes written.
  [[gnu::always_inline]] void advance(std::size_t size) noexcept { size_ += size; }

  /// `bytes`: none of its own.
  [[gnu::always_inline]] void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
    advance(bytes.size());
  }
  /// Replaces everything; `bytes` may be some of its own.
  void assign(std::string_view bytes);
  [[gnu::always_inline]] void push_back(char byte) {
    *prepare(1) = byte;
    ++size_;
  }

  [[nodiscard]] std::string_view bytes() const noexcept { return {memory_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  void clear() noexcept {
    size_ = 0;
    if (capacity_ > most_kept_) [[unlikely]]
      shrink();
  }

 private:
  void grow(std::size_t needed);
  void shrink() noexcept;

  std::unique_ptr<char[]> memory_;
  std::size_t most_kept_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace chopin
