#include "doctor/row.hpp"

#include <gtest/gtest.h>

namespace chopin::doctor {
namespace {

TEST(JudgedRow, that_cannot_be_judged_is_a_note_without_a_command) {
  const Row row = judged({.name = "n", .wanted = "w", .why = "y"}, [](Row& judged) {
    judged.warn("too early");
    throw system::Unreadable("/proc/x", "it is odd");
  });
  EXPECT_EQ(row.verdict, Verdict::note);
  EXPECT_EQ(row.found, "cannot be read: /proc/x: it is odd");
  EXPECT_EQ(row.command, "");
}

}  // namespace
}  // namespace chopin::doctor
