#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "loop/awaited_job.hpp"

namespace chopin::auth {

/// One password that is to be hashed, or compared with a hash. What it had of the password is overwritten
/// when the work is done, or when it ends before.
///
/// Thread safety and lifetime: as loop::AwaitedJob.
/// Throws: std::bad_alloc from the constructor.
class PasswordJob final : public loop::AwaitedJob {
 public:
  enum class Result : std::uint8_t { hashed, matching, different, no_memory };

  /// Takes the password away. `hash`: to compare with; empty to make one.
  PasswordJob(std::string& password, std::string hash, std::size_t memory, std::uint32_t passes);
  ~PasswordJob() override;
  PasswordJob(const PasswordJob&) = delete;
  PasswordJob& operator=(const PasswordJob&) = delete;

  // Once it is back.
  [[nodiscard]] Result result() const noexcept { return result_; }
  [[nodiscard]] const std::string& hash() const noexcept { return hash_; }

 private:
  void work() noexcept override;

  [[nodiscard]] Result make_hash() noexcept;
  [[nodiscard]] Result compare() const noexcept;

  std::string password_;
  std::string hash_;
  const std::size_t memory_;
  const std::uint32_t passes_;
  const bool compares_;
  Result result_ = Result::no_memory;
};

}  // namespace chopin::auth
