#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "loop/work_pool.hpp"

namespace chopin::auth {

/// One password that is to be hashed, or compared with a hash. What it had of the password is overwritten
/// when the work is done, or when it ends before.
///
/// Thread safety and lifetime: as loop::PoolJob.
/// Throws: std::bad_alloc from the constructor.
class PasswordJob final : public loop::PoolJob {
 public:
  enum class Result : std::uint8_t { hashed, matching, different, no_memory };

  /// Who waits. Called on the loop's thread.
  class Asker {
   public:
    virtual void on_password_done() noexcept = 0;

   protected:
    ~Asker() = default;
  };

  /// Takes the password away. `hash`: to compare with; empty to make one.
  PasswordJob(std::string& password, std::string hash, std::size_t memory, std::uint32_t passes);
  ~PasswordJob() override;
  PasswordJob(const PasswordJob&) = delete;
  PasswordJob& operator=(const PasswordJob&) = delete;

  /// To be called before it is given to a pool.
  void set_asker(Asker& asker) noexcept { asker_ = &asker; }

  // Once it is back.
  [[nodiscard]] Result result() const noexcept { return result_; }
  [[nodiscard]] const std::string& hash() const noexcept { return hash_; }

 private:
  void work() noexcept override;
  void on_done() noexcept override { asker_->on_password_done(); }

  [[nodiscard]] Result make_hash() noexcept;
  [[nodiscard]] Result compare() const noexcept;

  std::string password_;
  std::string hash_;
  const std::size_t memory_;
  const std::uint32_t passes_;
  const bool compares_;
  Asker* asker_ = nullptr;
  Result result_ = Result::no_memory;
};

}  // namespace chopin::auth
