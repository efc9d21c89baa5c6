#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

namespace chopin::fuzz {

/// A copy in memory of exactly its size, gone when it goes: AddressSanitizer sees every read behind its end,
/// and every view of it that is used too late.
class ExactBytes {
 public:
  explicit ExactBytes(std::string_view bytes)
      : memory_(std::make_unique_for_overwrite<char[]>(bytes.size())), size_(bytes.size()) {
    std::ranges::copy(bytes, memory_.get());
  }

  [[nodiscard]] std::string_view view() const noexcept { return {memory_.get(), size_}; }

 private:
  std::unique_ptr<char[]> memory_;
  std::size_t size_;
};

/// Whether a view lies inside another, an empty one at its end included.
inline bool lies_inside(std::string_view part, std::string_view whole) noexcept {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace chopin::fuzz
