#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "doctor/healthy_machine.hpp"

namespace chopin::doctor {
namespace {

TEST(Program, must_be_built_by_the_release_preset) {
  HealthyMachine machine;
  expect(machine.row("build type"), Verdict::ok, "Release");
  expect(machine.row("LTO"), Verdict::ok, "on");
  expect(machine.row("native CPU"), Verdict::ok, "on");
  expect(machine.row("allocator"), Verdict::ok, "mimalloc 2.0.9");
  machine.facts.build = {.type = "RelWithDebInfo", .allocator = "glibc 2.36"};
  expect(machine.row("build type"), Verdict::warning, "RelWithDebInfo");
  expect(machine.row("LTO"), Verdict::warning, "off");
  expect(machine.row("native CPU"), Verdict::warning, "off");
  expect(machine.row("allocator"), Verdict::warning, "glibc 2.36");
  EXPECT_EQ(machine.row("LTO").command, "cmake --preset release && cmake --build --preset release");
  machine.facts.build.type = "";
  expect(machine.row("build type"), Verdict::warning, "none");
}

TEST(ModeRow, must_be_performance_and_notes_composed_responses) {
  HealthyMachine machine;
  expect(machine.row("mode"), Verdict::ok, "performance, prebuilt responses");
  machine.facts.config.fast_routes = ResponseClass::composed;
  expect(machine.row("mode"), Verdict::note, "performance, composed responses");
  EXPECT_EQ(machine.row("mode").command, "chopin --fast-routes prebuilt --mode performance");
  machine.facts.config.mode = Mode::standard;
  expect_warning(machine.row("mode"), "standard, composed responses",
                 "chopin --fast-routes prebuilt --mode performance");
  machine.facts.config.fast_routes = std::nullopt;
  EXPECT_EQ(machine.row("mode").command, "chopin --mode performance");
}

TEST(EnvironmentRow, must_be_production) {
  HealthyMachine machine;
  expect(machine.row("environment"), Verdict::ok, "production");
  machine.facts.config.environment = Environment::test;
  expect(machine.row("environment"), Verdict::warning, "test");
  machine.facts.config.environment = Environment::development;
  expect_warning(machine.row("environment"), "development", "chopin --environment production");
}

TEST(Restart, keeps_the_flags_that_were_given) {
  HealthyMachine machine;
  machine.facts.config.mode = Mode::standard;
  machine.facts.config.environment = Environment::test;
  machine.facts.flags = {{"--config", "my server.conf"}, {"--mode", "standard"}, {"--port", "5000"}};
  EXPECT_EQ(machine.row("mode").command, "chopin --config 'my server.conf' --mode performance --port 5000");
  EXPECT_EQ(machine.row("environment").command,
            "chopin --config 'my server.conf' --environment production --mode standard --port 5000");
}

TEST(Restart, does_not_print_a_password) {
  HealthyMachine machine;
  machine.facts.config.environment = Environment::test;
  machine.facts.flags = {{"--database-url", "postgres://user:SECRET@host"}};
  EXPECT_EQ(machine.row("environment").command,
            "chopin --database-url \"$DATABASE_URL\" --environment production");
  machine.facts.flags = {{"--jwt-secret", "SECRET"}, {"--jwt-secret-previous", "SECRET"}};
  EXPECT_EQ(machine.row("environment").command,
            "chopin --environment production --jwt-secret \"$JWT_SECRET\" --jwt-secret-previous "
            "\"$JWT_SECRET_PREVIOUS\"");
  machine.facts.flags = {{"--database-url", "postgres://user@host"}};
  EXPECT_EQ(machine.row("environment").command,
            "chopin --database-url postgres://user@host --environment production");
}

}  // namespace
}  // namespace chopin::doctor
