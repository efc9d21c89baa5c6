#include "doctor/row.hpp"

#include <gtest/gtest.h>

namespace chopin::doctor {
namespace {

TEST(JudgedRow, becomes_a_note_without_a_command_if_something_cannot_be_read) {
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
