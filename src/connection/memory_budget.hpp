#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chopin::connection {

/// How short memory is. Each stage includes those before it.
enum class MemoryStage : std::uint8_t {
  plenty,
  end_connections,     ///< each response is its connection's last
  refuse_bodies,       ///< 503 for a body that is not complete, or that is read or written in parts
  shed,                ///< the connections that hold most are closed
  refuse_connections,  ///< no more are accepted
};

inline constexpr std::size_t memory_stage_count =
    static_cast<std::size_t>(MemoryStage::refuse_connections) + 1;

constexpr std::string_view to_string(MemoryStage stage) noexcept {
  constexpr std::string_view names[] = {"plenty", "end_connections", "refuse_bodies", "shed",
                                        "refuse_connections"};
  return names[static_cast<std::size_t>(stage)];
}

/// What all connections may hold together, of the process's memory and of the kernel's. The workers count
/// what their connections hold; all else that the process has, such as handlers' memory, hashes of passwords
/// or a database in memory, is what `sample` finds beyond that.
///
/// Thread safety: any thread.
/// Lifetime: must outlive the workers.
/// Throws: nothing.
class MemoryBudget {
 public:
  /// What a connection costs before it has sent anything: about 300 bytes here, the rest in the kernel, for a
  /// socket, its file and its place in the epoll set.
  static constexpr std::uint32_t for_a_connection = 4096;
  /// So many are possible at least when the largest number of connections follows from the budget: a head
  /// under way and its reading buffer take as much.
  static constexpr std::uint64_t least_for_a_connection = std::uint64_t{16} * 1024;

  struct Settings {
    std::uint64_t most = UINT64_MAX;  ///< in bytes
    std::size_t workers = 1;          ///< that report to it
  };
  explicit MemoryBudget(Settings settings) noexcept;

  [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
  /// What a worker may leave unreported: all together 1/64 of the budget at most, so that workers write to
  /// shared memory rarely.
  [[nodiscard]] std::int64_t most_unreported() const noexcept { return most_unreported_; }
  /// Of the bytes that connections hold: `own` of the process, `kernel` of the kernel.
  void report(std::int64_t own, std::int64_t kernel) noexcept;
  /// The process's own memory as measured now, on one thread.
  void sample(std::uint64_t own_memory) noexcept;
  /// As reported and sampled last.
  [[nodiscard]] std::uint64_t used() const noexcept;
  /// What is left.
  [[nodiscard]] std::uint64_t room() const noexcept { return most_ - std::min(most_, used()); }
  /// Of what is used, what connections hold.
  [[nodiscard]] std::uint64_t held() const noexcept;
  /// Whether no more connections are accepted.
  [[nodiscard]] bool refuses_connections() const noexcept {
    return stage_after(MemoryStage::plenty) == MemoryStage::refuse_connections;
  }
  /// How much must be given up to leave the stage `shed`; 0 if it is not reached.
  [[nodiscard]] std::uint64_t excess() const noexcept;
  /// The stage after `last`, which is left only when the use is a twentieth of the budget below its start, so
  /// that it does not come and go with each request.
  [[nodiscard]] MemoryStage stage_after(MemoryStage last) const noexcept;

 private:
  static constexpr std::uint64_t no_limit = UINT64_MAX / 1024;

  const std::uint64_t most_;
  const std::int64_t most_unreported_;
  std::atomic<std::int64_t> own_ = 0;
  std::atomic<std::int64_t> kernel_ = 0;
  std::atomic<std::int64_t> rest_ = 0;  // of the process, as sampled
};

/// One worker's account of what its connections hold.
///
/// Thread safety: one thread, that of the worker.
/// Lifetime: the worker's.
/// Throws: nothing.
class HeldMemory {
 public:
  struct Bytes {
    std::uint32_t own = 0;
    std::uint32_t kernel = 0;

    [[nodiscard]] std::uint64_t sum() const noexcept { return std::uint64_t{own} + kernel; }
    bool operator==(const Bytes&) const = default;
  };

  explicit HeldMemory(MemoryBudget& budget) noexcept : budget_(budget) {}
  ~HeldMemory() { report(); }
  HeldMemory(const HeldMemory&) = delete;
  HeldMemory& operator=(const HeldMemory&) = delete;

  /// A connection holds `now` instead of `before`. True if the budget was told.
  bool change(Bytes before, Bytes now) noexcept {
    own_ += std::int64_t{now.own} - std::int64_t{before.own};
    kernel_ += std::int64_t{now.kernel} - std::int64_t{before.kernel};
    held_ += static_cast<std::int64_t>(now.sum()) - static_cast<std::int64_t>(before.sum());
    const std::int64_t unreported = std::max(own_ + kernel_, -own_ - kernel_);
    if (unreported < budget_.most_unreported()) return false;
    report();
    return true;
  }
  /// All that the worker's connections hold.
  [[nodiscard]] std::uint64_t held() const noexcept { return static_cast<std::uint64_t>(held_); }
  [[nodiscard]] MemoryBudget& budget() const noexcept { return budget_; }

 private:
  void report() noexcept {
    budget_.report(own_, kernel_);
    own_ = kernel_ = 0;
  }

  MemoryBudget& budget_;
  std::int64_t own_ = 0;     // not reported yet
  std::int64_t kernel_ = 0;  // not reported yet
  std::int64_t held_ = 0;
};

}  // namespace chopin::connection
