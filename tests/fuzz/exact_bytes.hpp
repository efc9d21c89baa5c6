#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

namespace chopin::fuzz {

/// A copy in an allocation of exactly its size: AddressSanitizer reports every read past its end, and every
/// use of a view after this is destroyed.
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
