#include "chopin/password.hpp"

#include <algorithm>
#include <exception>
#include <sodium/core.h>
#include <sodium/crypto_pwhash.h>
#include <sodium/utils.h>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "auth/password_job.hpp"
#include "chopin/error.hpp"
#include "loop/awaited_job.hpp"
#include "loop/work_pool.hpp"

namespace chopin {
namespace {

using auth::PasswordJob;

constexpr std::size_t kibibyte = 1024;

Task<> work(loop::WorkPool& pool, std::chrono::milliseconds patience, std::shared_ptr<PasswordJob> job) {
  const loop::JobWait wait{.patience = patience,
                           .too_many = "too many passwords are being checked",
                           .too_late = "the password could not be checked in time"};
  co_await loop::await_job(pool, job, wait);
  if (job->result() != PasswordJob::Result::no_memory) co_return;
  std::rethrow_exception(loop::unavailable("there is not enough memory to check a password", "5"));
}

Task<std::string> run_hash(loop::WorkPool& pool, std::chrono::milliseconds patience,
                           std::shared_ptr<PasswordJob> job) {
  co_await work(pool, patience, job);
  co_return job->hash();
}

Task<bool> run_verify(loop::WorkPool& pool, std::chrono::milliseconds patience,
                      std::shared_ptr<PasswordJob> job) {
  co_await work(pool, patience, job);
  co_return job->result() == PasswordJob::Result::matching;
}

Task<bool> never() {
  co_return false;
}

void check_size(const std::string& password) {
  if (password.size() >= PasswordHasher::least_bytes && password.size() <= PasswordHasher::most_bytes) return;
  throw HttpError(422, fmt::format("a password has {} to {} bytes", PasswordHasher::least_bytes,
                                   PasswordHasher::most_bytes));
}

/// Whether libsodium can be given it.
bool may_be_hash(const std::string& hash) noexcept {
  return !hash.empty() && hash.size() < crypto_pwhash_STRBYTES && hash.find('\0') == std::string::npos;
}

PasswordOptions checked(PasswordOptions options) {
  const bool fits = options.memory >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
                    options.memory <= crypto_pwhash_argon2id_memlimit_max() &&
                    options.memory % kibibyte == 0 && options.passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN;
  if (!fits) throw std::invalid_argument("Argon2id takes 8 KiB or more, in whole KiB, and 1 pass or more");
  if (options.most_waiting == 0) throw std::invalid_argument("no password may wait");
  if (options.threads == 0) options.threads = PasswordOptions::usual_threads();
  if (sodium_init() < 0) throw std::runtime_error("libsodium has no source of random bytes");
  return options;
}

/// Of Argon2id's 16 bytes of salt and 32 of hash, all zero.
std::string hash_of_zeros(const PasswordOptions& options) {
  constexpr std::size_t salt = 22;
  constexpr std::size_t hash = 43;
  return fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", options.memory / kibibyte, options.passes,
                     std::string(salt, 'A'), std::string(hash, 'A'));
}

loop::WorkPool::Options pool_options(const PasswordOptions& options) {
  using enum loop::WorkPool::Priority;
  return {.name = "password",
          .threads = options.threads,
          .most_waiting = options.most_waiting,
          .priority = options.when_idle ? when_idle : usual};
}

}  // namespace

unsigned PasswordOptions::usual_threads() noexcept {
  constexpr unsigned most = 4;
  return std::clamp(std::thread::hardware_concurrency(), 1U, most);
}

PasswordHasher::PasswordHasher(const PasswordOptions& options)
    : options_(checked(options)),
      hash_of_nobody_(hash_of_zeros(options_)),
      pool_(std::make_unique<loop::WorkPool>(pool_options(options_))) {}

PasswordHasher::~PasswordHasher() = default;

Task<std::string> PasswordHasher::hash(std::string password) const {
  const WipeAtEnd wiped(password);
  check_size(password);
  return run_hash(*pool_, options_.patience,
                  std::make_shared<PasswordJob>(password, "", options_.memory, options_.passes));
}

Task<bool> PasswordHasher::verify(std::string password, std::string hash) const {
  const WipeAtEnd wiped(password);
  check_size(password);
  if (!may_be_hash(hash)) return never();
  return run_verify(
      *pool_, options_.patience,
      std::make_shared<PasswordJob>(password, std::move(hash), options_.memory, options_.passes));
}

bool PasswordHasher::is_outdated(const std::string& hash) const {
  return !may_be_hash(hash) ||
         crypto_pwhash_str_needs_rehash(hash.c_str(), options_.passes, options_.memory) != 0;
}

void wipe(std::string& password) noexcept {
  password.resize(password.capacity());
  sodium_memzero(password.data(), password.size());
  password.clear();
}

}  // namespace chopin
