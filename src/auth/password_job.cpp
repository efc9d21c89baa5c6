#include "auth/password_job.hpp"

#include <cerrno>
#include <cstring>
#include <sodium/crypto_pwhash.h>
#include <utility>

#include "chopin/password.hpp"

namespace chopin::auth {

PasswordJob::PasswordJob(std::string& password, std::string hash, std::size_t memory, std::uint32_t passes)
    : hash_(std::move(hash)), memory_(memory), passes_(passes), compares_(!hash_.empty()) {
  if (!compares_) hash_.reserve(crypto_pwhash_STRBYTES);
  password_ = std::move(password);  // last, so that whoever gave it still has it if there is no memory
}

PasswordJob::~PasswordJob() {
  wipe(password_);
}

void PasswordJob::work() noexcept {
  result_ = compares_ ? compare() : make_hash();
  wipe(password_);
}

PasswordJob::Result PasswordJob::make_hash() noexcept {
  char made[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(made, password_.data(), password_.size(), passes_, memory_,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Result::no_memory;
  }
  hash_.assign(made, std::strlen(made));  // fits: the memory is reserved
  return Result::hashed;
}

/// A password that differs is EINVAL. No memory is an error, too, and must not look like a wrong password.
PasswordJob::Result PasswordJob::compare() const noexcept {
  errno = 0;
  if (crypto_pwhash_str_verify(hash_.c_str(), password_.data(), password_.size()) == 0) {
    return Result::matching;
  }
  return errno == ENOMEM ? Result::no_memory : Result::different;
}

}  // namespace chopin::auth
