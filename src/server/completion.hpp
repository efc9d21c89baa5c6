#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace chopin::server {

/// Memory for the one asynchronous operation an object has under way at a time, so that starting it takes no
/// heap.
class OperationMemory {
 public:
  OperationMemory() noexcept {}  // NOLINT: the bytes need no value

  /// Asio's waits, reads and posts with a two-pointer handler fit; others go to the heap.
  static constexpr std::size_t capacity = 192;

  void* allocate(std::size_t size) {
    if (size > capacity || in_use_) return ::operator new(size);
    in_use_ = true;
    return bytes_.data();
  }

  void deallocate(void* memory) noexcept {
    if (memory != bytes_.data()) return ::operator delete(memory);
    in_use_ = false;
  }

 private:
  alignas(std::max_align_t) std::array<std::byte, capacity> bytes_;
  bool in_use_ = false;
};

template <class T>
class OperationAllocator {
 public:
  using value_type = T;

  explicit OperationAllocator(OperationMemory& memory) noexcept : memory_(&memory) {}
  template <class U>
  explicit(false) OperationAllocator(const OperationAllocator<U>& other) noexcept : memory_(other.memory_) {}

  T* allocate(std::size_t count) { return static_cast<T*>(memory_->allocate(sizeof(T) * count)); }
  void deallocate(T* memory, std::size_t) noexcept { memory_->deallocate(memory); }

  template <class U>
  bool operator==(const OperationAllocator<U>& other) const noexcept {
    return memory_ == other.memory_;
  }

 private:
  template <class U>
  friend class OperationAllocator;

  OperationMemory* memory_;
};

/// A completion handler: calls `Member` on an owner that outlives the operation.
template <auto Member, class Owner>
class Completion {
 public:
  using allocator_type = OperationAllocator<void>;

  Completion(Owner& owner, OperationMemory& memory) noexcept : owner_(&owner), memory_(&memory) {}

  [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type(*memory_); }

  template <class... Results>
  void operator()(Results&&... results) const {
    (owner_->*Member)(std::forward<Results>(results)...);
  }

 private:
  Owner* owner_;
  OperationMemory* memory_;
};

template <auto Member, class Owner>
Completion<Member, Owner> completion(Owner& owner, OperationMemory& memory) noexcept {
  return {owner, memory};
}

}  // namespace chopin::server
