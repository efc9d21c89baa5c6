#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace chopin {

/// A growing byte array. Unlike std::string it lets the caller write past the end first and commit the size
/// afterwards, and `clear` keeps the memory unless it has become large.
///
/// Thread safety: one thread at a time.
/// Lifetime: owns its bytes; pointers and views into it are valid until the next change.
/// Throws: std::bad_alloc if the memory cannot grow.
class ByteBuffer {
 public:
  /// `most_kept`: the most memory that `clear` keeps, in bytes.
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

  /// Makes room for `size` more bytes and returns where to write them.
  [[gnu::always_inline]] char* prepare(std::size_t size) {
    if (size > capacity_ - size_) [[unlikely]]
      grow(size);
    return memory_.get() + size_;
  }
  /// The same, but null if the memory would have to grow.
  [[nodiscard, gnu::always_inline]] char* room(std::size_t size) const noexcept {
    return size <= capacity_ - size_ ? memory_.get() + size_ : nullptr;
  }
  /// `end`: one past the last byte written.
  [[gnu::always_inline]] void commit(const char* end) noexcept {
    size_ = static_cast<std::size_t>(end - memory_.get());
  }

  /// The same, given the number of bytes written.
  [[gnu::always_inline]] void advance(std::size_t size) noexcept { size_ += size; }

  /// `bytes` must not point into this buffer.
  [[gnu::always_inline]] void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
    advance(bytes.size());
  }
  /// Replaces everything; `bytes` may point into this buffer.
  void assign(std::string_view bytes);
  /// Removes `size` bytes from the one at `at` on.
  void erase(std::size_t at, std::size_t size) noexcept {
    size_ -= size;
    std::memmove(memory_.get() + at, memory_.get() + at + size, size_ - at);
  }
  [[gnu::always_inline]] void push_back(char byte) {
    *prepare(1) = byte;
    ++size_;
  }

  [[nodiscard]] std::string_view bytes() const noexcept { return {memory_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Its memory in bytes.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

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
