#include "chopin/password.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "chopin/error.hpp"
#include "loop/event_loop.hpp"

namespace chopin {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

constexpr PasswordOptions fast{
    .threads = 2, .memory = std::size_t{8} * 1024, .passes = 1, .when_idle = false};
constexpr PasswordOptions slow{.threads = 1,
                               .most_waiting = 1,
                               .memory = std::size_t{64} * 1024 * 1024,
                               .passes = 3,
                               .when_idle = false};

/// A worker without a server, on the thread that makes it.
class HashingWorker {
 public:
  HashingWorker() : loop_(std::in_place) {
    loop_->tasks()->claim();
    loop_->clock().start();  // so that no round waits for ever
  }
  ~HashingWorker() { end(); }
  HashingWorker(const HashingWorker&) = delete;
  HashingWorker& operator=(const HashingWorker&) = delete;

  void end() {
    if (loop_) loop_->close();
    loop_.reset();
  }
  void run_round() { loop_->run_round(); }
  /// `done(exception, result)` is called in a later round.
  template <class Result, class Done>
  void start(Task<Result> coroutine, Done done) {
    boost::asio::co_spawn(
        Executor(*loop_), std::move(coroutine),
        boost::asio::bind_cancellation_slot(signals_.emplace_back().slot(), std::move(done)));
  }
  /// The one that was started last.
  void cancel() { signals_.back().emit(boost::asio::cancellation_type::terminal); }
  template <class Result>
  Result run(Task<Result> coroutine) {
    std::optional<Result> kept;
    std::exception_ptr error;
    start(std::move(coroutine), [&](const std::exception_ptr& thrown, Result result) {
      error = thrown;
      kept.emplace(std::move(result));
    });
    while (!kept) run_round();
    if (error != nullptr) std::rethrow_exception(error);
    return std::move(*kept);
  }

 private:
  std::deque<boost::asio::cancellation_signal> signals_;
  std::optional<loop::EventLoop> loop_;
};

struct Passwords : testing::Test {
  PasswordHasher hasher{fast};
  HashingWorker worker;

  std::string hash(const std::string& password) { return worker.run(hasher.hash(password)); }
  bool verify(const std::string& password, const std::string& hashed) {
    return worker.run(hasher.verify(password, hashed));
  }
};

TEST_F(Passwords, are_hashed_with_argon2id_its_parameters_and_a_salt) {
  const std::string hashed = hash("correct horse");
  EXPECT_TRUE(hashed.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << hashed;
  EXPECT_LT(hashed.size(), 128U);
  EXPECT_NE(hash("correct horse"), hashed);
  EXPECT_TRUE(verify("correct horse", hashed));
  EXPECT_FALSE(verify("correct horsf", hashed));
}

TEST_F(Passwords, cost_what_owasp_recommends_unless_the_program_says_otherwise) {
  const PasswordHasher usual({.when_idle = false});
  EXPECT_TRUE(worker.run(usual.hash("correct horse")).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST_F(Passwords, may_hold_any_bytes_and_each_counts) {
  const std::string hashed = hash("password\0one"s);
  EXPECT_TRUE(verify("password\0one"s, hashed));
  EXPECT_FALSE(verify("password\0two"s, hashed));
  EXPECT_FALSE(verify("password", hashed));
  EXPECT_TRUE(verify("\xf0\x9f\x8e\xb9\xff\x80 ~", hash("\xf0\x9f\x8e\xb9\xff\x80 ~")));
}

TEST_F(Passwords, have_8_to_1024_bytes) {
  for (const std::size_t size : {8U, 1024U}) {
    EXPECT_TRUE(verify(std::string(size, 'a'), hash(std::string(size, 'a')))) << size;
  }
  for (const std::size_t size : {0U, 7U, 1025U, 1'000'000U}) {
    for (const bool hashes : {true, false}) {
      try {
        if (hashes) {
          hash(std::string(size, 'a'));
        } else {
          verify(std::string(size, 'a'), hasher.hash_of_nobody());
        }
        ADD_FAILURE() << size;
      } catch (const HttpError& error) {
        EXPECT_EQ(error.status(), 422);
        EXPECT_STREQ(error.what(), "a password has 8 to 1024 bytes");
      }
    }
  }
}

TEST_F(Passwords, match_no_text_that_is_no_hash) {
  const std::string hashed = hash("correct horse");
  EXPECT_TRUE(verify("correct horse", hashed));
  for (const std::string& text :
       {""s, "correct horse"s, hashed + "\0"s, hashed.substr(1), std::string(200, 'a'),
        "$argon2id$v=19$m=8,t=1,p=1$$"s, "$argon2id$v=19$m=0,t=0,p=0$AAAA$AAAA"s}) {
    EXPECT_FALSE(verify("correct horse", text)) << text;
    EXPECT_TRUE(hasher.is_outdated(text)) << text;
  }
  // Not always outdated: what is left may be the Base64 of a shorter hash.
  EXPECT_FALSE(verify("correct horse", hashed.substr(0, hashed.size() - 1)));
}

TEST_F(Passwords, of_nobody_match_nothing_and_cost_as_much) {
  EXPECT_FALSE(verify("AAAAAAAA", hasher.hash_of_nobody()));
  EXPECT_FALSE(verify(std::string(8, '\0'), hasher.hash_of_nobody()));
  EXPECT_FALSE(hasher.is_outdated(hasher.hash_of_nobody()));  // libsodium reads it, with these parameters
}

TEST_F(Passwords, should_be_hashed_anew_when_the_parameters_rise) {
  const std::string hashed = hash("correct horse");
  EXPECT_FALSE(hasher.is_outdated(hashed));
  PasswordOptions more = fast;
  more.passes = 2;
  const PasswordHasher slower(more);
  EXPECT_TRUE(slower.is_outdated(hashed));
  EXPECT_TRUE(worker.run(slower.verify("correct horse", hashed)));
  more = fast;
  more.memory *= 2;
  EXPECT_TRUE(PasswordHasher(more).is_outdated(hashed));
}

TEST_F(Passwords, that_find_too_many_others_get_a_503_with_retry_after) {
  const PasswordHasher narrow(slow);
  int hashed = 0;
  int refused = 0;
  for (int i = 0; i < 10; ++i) {
    worker.start(narrow.hash("correct horse"), [&](const std::exception_ptr& error, const std::string& text) {
      if (error == nullptr) {
        EXPECT_FALSE(text.empty());
        ++hashed;
        return;
      }
      try {
        std::rethrow_exception(error);
      } catch (const HttpError& full) {
        EXPECT_EQ(full.status(), 503);
        ASSERT_EQ(full.response_fields().size(), 1U);
        EXPECT_EQ(full.response_fields().front().first, "Retry-After");
        ++refused;
      }
    });
  }
  while (hashed + refused < 10) worker.run_round();
  EXPECT_GE(hashed, 1);
  EXPECT_GE(refused, 1);
}

TEST_F(Passwords, that_take_too_long_get_a_503) {
  PasswordOptions impatient = slow;
  impatient.patience = 1ms;
  const PasswordHasher narrow(impatient);
  try {
    worker.run(narrow.hash("correct horse"));
    FAIL();
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 503);
  }
}

/// Says when it waits for the hash.
Task<std::string> hash_noting(const PasswordHasher& hasher, bool& is_under_way) {
  is_under_way = true;
  co_return co_await hasher.hash("correct horse");
}

TEST_F(Passwords, are_given_up_when_the_coroutine_is_cancelled) {
  const PasswordHasher narrow(slow);
  bool is_under_way = false;
  std::optional<std::exception_ptr> error;
  worker.start(hash_noting(narrow, is_under_way),
               [&](const std::exception_ptr& thrown, const std::string&) { error = thrown; });
  while (!is_under_way) worker.run_round();
  worker.cancel();
  EXPECT_FALSE(error.has_value());  // not within the call that cancels
  while (!error) worker.run_round();
  ASSERT_NE(*error, nullptr);
  try {
    std::rethrow_exception(*error);
  } catch (const boost::system::system_error& aborted) {
    EXPECT_EQ(aborted.code(), boost::asio::error::operation_aborted);
  }
}

TEST_F(Passwords, may_be_under_way_when_the_worker_ends_and_after_it_the_hasher) {
  std::optional<PasswordHasher> narrow(std::in_place, slow);
  bool is_called = false;
  const auto note = [&](const std::exception_ptr&, const std::string&) { is_called = true; };
  for (int i = 0; i < 2; ++i) {
    bool is_under_way = false;
    worker.start(hash_noting(*narrow, is_under_way), note);
    while (!is_under_way) worker.run_round();
  }
  worker.end();
  narrow.reset();
  EXPECT_FALSE(is_called);
}

TEST(PasswordOptionsOf, a_hasher_must_be_what_argon2id_takes) {
  for (const PasswordOptions& options :
       {PasswordOptions{.memory = 1024}, PasswordOptions{.memory = 8 * 1024 + 1},
        PasswordOptions{.passes = 0}, PasswordOptions{.most_waiting = 0}}) {
    EXPECT_THROW(const PasswordHasher refused(options), std::invalid_argument);
  }
}

TEST(Wipe, overwrites_all_that_the_text_has_room_for) {
  for (const std::size_t size : {3U, 100U}) {
    std::string text(size, 'a');
    const char* const bytes = text.data();
    const std::size_t room = text.capacity();
    wipe(text);
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(std::string_view(bytes, room).find('a'), std::string_view::npos);
  }
}

}  // namespace
}  // namespace chopin
