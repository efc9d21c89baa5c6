#include "chopin/byte_buffer.hpp"

#include <algorithm>
#include <new>

namespace chopin {

void ByteBuffer::assign(std::string_view bytes) {
  size_ = 0;
  if (bytes.empty()) return;
  std::memmove(prepare(bytes.size()), bytes.data(),
               bytes.size());  // bytes of this buffer always fit, so prepare() does not move them
  size_ = bytes.size();
}

void ByteBuffer::grow(std::size_t needed) {
  constexpr std::size_t least = 64;
  const std::size_t capacity = std::max({least, capacity_ * 2, size_ + needed});
  auto memory = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(memory.get(), memory_.get(), size_);
  memory_ = std::move(memory);
  capacity_ = capacity;
}

void ByteBuffer::shrink() noexcept {
  std::unique_ptr<char[]> memory(new (std::nothrow) char[most_kept_]);
  if (memory == nullptr) return;
  memory_ = std::move(memory);
  capacity_ = most_kept_;
}

}  // namespace chopin
