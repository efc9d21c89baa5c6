#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "chopin/executor.hpp"

namespace chopin {

namespace loop {
class WorkPool;
}

/// What a PasswordHasher takes of the machine.
struct PasswordOptions {
  /// Threads, each of which needs `memory` while it hashes. 0: `usual_threads`.
  std::size_t threads = 0;
  /// Most passwords that wait for a thread.
  std::size_t most_waiting = 64;
  /// How long a password waits until it is hashed, its own hashing included.
  std::chrono::milliseconds patience = std::chrono::seconds(20);
  /// Bytes, a multiple of 1024 from 8 KiB on. This and `passes` are what OWASP recommends as the least.
  std::size_t memory = std::size_t{19} * 1024 * 1024;
  std::uint32_t passes = 2;
  /// Threads run when no other thread wants the CPU. If false they compete with all others, for a machine
  /// that is never idle.
  bool when_idle = true;

  /// One for each CPU, 4 at most.
  [[nodiscard]] static unsigned usual_threads() noexcept;
};

/// Hashes passwords with Argon2id (RFC 9106), as libsodium does, with one lane. One object for all workers:
///
///     const auto passwords = std::make_shared<chopin::PasswordHasher>();
///     router.post("/login", [passwords](const chopin::Request& request, chopin::Response& response)
///         -> chopin::Task<> {
///       auto login = request.json<Login>();
///       const chopin::WipeAtEnd wiped(login.password);
///       if (!co_await passwords->verify(login.password, stored)) throw chopin::HttpError(401, "wrong");
///       ...
///     });
///
/// Hashing takes some 20 ms of a CPU, so threads of its own do it, which start with the first password. They
/// run when no other thread wants the CPU (SCHED_IDLE, or nice 19), so that a flood of logins does not slow
/// other requests down; on a machine without an idle moment logins therefore take long, and then fail.
///
/// Copies of passwords that this class makes are overwritten. What the request brought remains in the memory
/// of the connection until the next one.
///
/// Thread safety: any thread; the coroutines on a worker's.
/// Lifetime: longer than the coroutines. Its end waits for the hashing at hand, at most a second. Must not be
///           used or destroyed in a forked child if it had threads before.
/// Throws: the constructor std::invalid_argument for options that Argon2id does not allow; std::bad_alloc.
///         `hash` and `verify` HttpError: 422 for a password with less than `least_bytes` or more than
///         `most_bytes`; the coroutines HttpError 503 with Retry-After if too many wait, the time is over, or
///         memory is out; boost::system::system_error with operation_aborted if the coroutine is cancelled.
class PasswordHasher {
 public:
  static constexpr std::size_t least_bytes = 8;
  /// Enough for every passphrase. Any bytes are allowed, zero bytes too, and each counts.
  static constexpr std::size_t most_bytes = 1024;

  explicit PasswordHasher(const PasswordOptions& options = {});
  ~PasswordHasher();
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  /// The hash with its salt and parameters, for the database: "$argon2id$v=19$m=19456,t=2,p=1$...", less than
  /// 128 characters.
  [[nodiscard]] Task<std::string> hash(std::string password) const;
  /// Whether `hash` is of this password. False for a text that is no hash.
  [[nodiscard]] Task<bool> verify(std::string password, std::string hash) const;
  /// Whether the hash was made with other parameters than these, so that the password should be hashed anew
  /// when it is next at hand. True for a text that is no hash.
  [[nodiscard]] bool is_outdated(const std::string& hash) const;
  /// A hash of no password. To be verified where there is no user, so that the response takes as long as it
  /// does for a wrong password.
  [[nodiscard]] const std::string& hash_of_nobody() const noexcept { return hash_of_nobody_; }

 private:
  const PasswordOptions options_;
  const std::string hash_of_nobody_;
  const std::unique_ptr<loop::WorkPool> pool_;
};

/// Overwrites a password that is needed no more, and empties the text.
void wipe(std::string& password) noexcept;

/// Wipes a password at its own end, also one that has been moved from: a short text leaves its bytes behind.
///
/// Thread safety: one thread at a time.
/// Lifetime: not longer than the text.
/// Throws: nothing.
class WipeAtEnd {
 public:
  explicit WipeAtEnd(std::string& password) noexcept : password_(password) {}
  ~WipeAtEnd() { wipe(password_); }
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;

 private:
  std::string& password_;
};

}  // namespace chopin
