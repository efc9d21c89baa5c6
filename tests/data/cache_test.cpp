#include "chopin/cache.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace chopin {
namespace {

using namespace std::chrono_literals;

/// Stands still until it is moved on.
struct ManualClock {
  using duration = std::chrono::milliseconds;
  using time_point = std::chrono::time_point<ManualClock>;

  static time_point now() noexcept { return current; }

  inline static time_point current;
};

using Texts = Cache<int, std::string, std::hash<int>, ManualClock>;

TEST(Cache, finds_what_was_inserted_last_until_it_is_erased) {
  Texts cache(10);
  EXPECT_FALSE(cache.find(1));
  cache.insert(1, "a", 1s);
  cache.insert(1, "b", 1s);
  EXPECT_EQ(cache.find(1).value, "b");
  EXPECT_FALSE(cache.find(2));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_TRUE(cache.erase(1));
  EXPECT_FALSE(cache.erase(1));
  EXPECT_FALSE(cache.find(1));
  EXPECT_EQ(cache.size(), 0U);
}

TEST(Cache, an_entry_ends_when_its_lifetime_is_over_however_often_it_was_found) {
  Texts cache(10);
  cache.insert(1, "short", 200ms);
  cache.insert(2, "long", 300ms);
  for (int step = 0; step < 199; ++step) {
    ManualClock::current += 1ms;
    EXPECT_TRUE(cache.find(1)) << step;
  }
  ManualClock::current += 1ms;
  EXPECT_FALSE(cache.find(1));
  EXPECT_EQ(cache.find(2).value, "long");
  EXPECT_EQ(cache.size(), 1U);
}

TEST(Cache, an_insertion_begins_a_new_lifetime) {
  Texts cache(10);
  cache.insert(1, "a", 200ms);
  ManualClock::current += 150ms;
  cache.insert(1, "b", 200ms);
  ManualClock::current += 150ms;
  EXPECT_EQ(cache.find(1).value, "b");
}

TEST(Cache, holds_as_many_entries_as_it_may_and_not_one_more) {
  constexpr int most = 5;
  Texts cache(most, 1);
  for (int key = 0; key < most; ++key) cache.insert(key, "", 1s);
  for (int key = 0; key < most; ++key) EXPECT_TRUE(cache.find(key)) << key;
  EXPECT_EQ(cache.size(), std::size_t{most});
  cache.insert(most, "", 1s);
  EXPECT_TRUE(cache.find(most));
  EXPECT_EQ(cache.size(), std::size_t{most});
}

TEST(Cache, with_many_shards_never_holds_more_than_its_bound) {
  for (const std::size_t most : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{1000}}) {
    Texts cache(most);
    for (int key = 0; key < 5000; ++key) cache.insert(key, "", 1s);
    EXPECT_EQ(cache.size(), most);
  }
}

TEST(Cache, keys_in_a_row_fill_most_of_it_before_the_first_is_replaced) {
  Texts cache(1 << 14U);
  for (int key = 1; key <= 10'000; ++key) cache.insert(key, "", 1s);
  EXPECT_EQ(cache.size(), 10'000U);
}

TEST(Cache, replaces_an_entry_that_nobody_has_found_before_one_that_is_used) {
  Texts cache(3, 1);
  for (int key = 0; key < 3; ++key) cache.insert(key, "", 1s);
  EXPECT_TRUE(cache.find(0));
  EXPECT_TRUE(cache.find(2));
  cache.insert(3, "", 1s);
  EXPECT_TRUE(cache.find(0));
  EXPECT_FALSE(cache.find(1));
  EXPECT_TRUE(cache.find(2));
  EXPECT_TRUE(cache.find(3));
}

TEST(Cache, replaces_an_expired_entry_although_it_was_used) {
  Texts cache(2, 1);
  cache.insert(0, "", 10s);
  cache.insert(1, "", 1s);
  EXPECT_TRUE(cache.find(0));
  EXPECT_TRUE(cache.find(1));
  ManualClock::current += 1s;
  cache.insert(2, "", 1s);
  EXPECT_TRUE(cache.find(0));
  EXPECT_TRUE(cache.find(2));
}

TEST(Cache, does_not_take_a_value_that_was_read_before_an_erasure) {
  Texts cache(10);
  const auto found = cache.find(1);
  cache.erase(1);  // the value changes while the reader is on its way
  cache.insert(1, "old", 1s, found);
  EXPECT_FALSE(cache.find(1));
  cache.insert(1, "new", 1s, cache.find(1));
  EXPECT_EQ(cache.find(1).value, "new");
}

TEST(Cache, a_value_that_is_replaced_or_erased_ends_at_once) {
  Cache<int, std::shared_ptr<int>, std::hash<int>, ManualClock> cache(1);
  auto first = std::make_shared<int>(1);
  auto second = std::make_shared<int>(2);
  auto third = std::make_shared<int>(3);
  cache.insert(1, first, 1s);
  cache.insert(1, second, 1s);
  EXPECT_EQ(first.use_count(), 1);
  cache.insert(2, third, 1s);
  EXPECT_EQ(second.use_count(), 1);
  cache.erase(2);
  EXPECT_EQ(third.use_count(), 1);
}

TEST(Cache, of_no_entries_is_refused) {
  EXPECT_THROW(Texts(0), std::invalid_argument);
}

TEST(Cache, threads_that_use_the_same_keys_find_only_their_values) {
  constexpr int threads = 4;
  constexpr int rounds = 20'000;
  constexpr int keys = 100;
  Cache<int, std::shared_ptr<const int>> cache(keys / 2, 4);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> running;
  running.reserve(threads);
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      for (int round = 0; round < rounds; ++round) {
        const int key = (round * 31 + thread) % keys;
        const auto found = cache.find(key);
        if (found && **found.value != key) ++wrong;
        if (round % 7 == 0) cache.erase(key);
        if (!found) cache.insert(key, std::make_shared<int>(key), 1ms, found);
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(cache.size(), std::size_t{keys / 2});
}

}  // namespace
}  // namespace chopin
