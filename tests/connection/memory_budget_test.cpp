#include "connection/memory_budget.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace chopin::connection {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1024} * 1024;

TEST(MemoryBudget, has_stages_at_parts_of_the_whole) {
  MemoryBudget budget({.most = 64 * mebibyte});
  EXPECT_EQ(budget.stage_after(MemoryStage::plenty), MemoryStage::plenty);
  const auto stage_at = [&](std::uint64_t used) {
    budget.report(static_cast<std::int64_t>(used) - static_cast<std::int64_t>(budget.used()), 0);
    return budget.stage_after(MemoryStage::plenty);
  };
  EXPECT_EQ(stage_at(47 * mebibyte), MemoryStage::plenty);
  EXPECT_EQ(stage_at(49 * mebibyte), MemoryStage::end_connections);
  EXPECT_EQ(stage_at(55 * mebibyte), MemoryStage::refuse_bodies);
  EXPECT_EQ(stage_at(59 * mebibyte), MemoryStage::shed);
  EXPECT_EQ(stage_at(63 * mebibyte), MemoryStage::refuse_connections);
  EXPECT_TRUE(budget.refuses_connections());
}

TEST(MemoryBudget, leaves_a_stage_a_little_below_its_start) {
  MemoryBudget budget({.most = 64 * mebibyte});
  budget.report(47 * mebibyte, 0);
  EXPECT_EQ(budget.stage_after(MemoryStage::plenty), MemoryStage::plenty);
  EXPECT_EQ(budget.stage_after(MemoryStage::end_connections), MemoryStage::end_connections);
  budget.report(-3 * static_cast<std::int64_t>(mebibyte), 0);
  EXPECT_EQ(budget.stage_after(MemoryStage::end_connections), MemoryStage::plenty);
}

TEST(MemoryBudget, counts_what_the_process_has_beyond_its_connections) {
  MemoryBudget budget({.most = 64 * mebibyte});
  budget.report(10 * mebibyte, 5 * mebibyte);
  budget.sample(30 * mebibyte);
  EXPECT_EQ(budget.used(), 35 * mebibyte) << "the connections' own 10 MiB are part of the process's 30";
  EXPECT_EQ(budget.held(), 15 * mebibyte);
  budget.sample(4 * mebibyte);
  EXPECT_EQ(budget.used(), 15 * mebibyte) << "a measurement that is older than the report";
}

TEST(MemoryBudget, says_how_much_must_be_given_up) {
  MemoryBudget budget({.most = 64 * mebibyte});
  budget.report(57 * mebibyte, 0);
  EXPECT_EQ(budget.excess(), 0U);
  budget.report(2 * mebibyte, 0);
  EXPECT_EQ(budget.excess(), 4 * mebibyte);
}

TEST(HeldMemory, reports_in_batches) {
  MemoryBudget budget({.most = 64 * mebibyte, .workers = 4});
  HeldMemory held(budget);
  const auto most = static_cast<std::uint32_t>(budget.most_unreported());
  EXPECT_FALSE(held.change({}, {.own = most - 1}));
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_TRUE(held.change({.own = most - 1}, {.own = most, .kernel = 1}));
  EXPECT_EQ(budget.used(), most + 1);
  EXPECT_TRUE(held.change({.own = most, .kernel = 1}, {}));
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_EQ(held.held(), 0U);
}

}  // namespace
}  // namespace chopin::connection
