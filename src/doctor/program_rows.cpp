#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "doctor/checks.hpp"
#include "doctor/restart.hpp"

namespace chopin::doctor {
namespace {

constexpr std::string_view build_the_release = "cmake --preset release && cmake --build --preset release";

Row warning_unless(bool is_as_wanted, Row row, std::string command) {
  if (!is_as_wanted) row.warn(std::move(command));
  return row;
}

/// A row that the release preset satisfies.
Row built_with(std::string_view name, std::string_view wanted, std::string_view found, bool is_so,
               std::string_view why) {
  return warning_unless(is_so,
                        {.name = std::string(name),
                         .wanted = std::string(wanted),
                         .why = std::string(why),
                         .found = std::string(found)},
                        std::string(build_the_release));
}

Row build_type(const Build& build) {
  return built_with("build type", "Release", build.type.empty() ? "none" : build.type,
                    build.type == "Release",
                    "other builds are not optimised, or only in part, and may check assertions");
}

Row link_time_optimization(const Build& build) {
  return built_with("LTO", "on", build.link_time_optimization ? "on" : "off", build.link_time_optimization,
                    "calls from one source file into another can be inlined");
}

Row native(const Build& build) {
  return built_with("native CPU", "on", build.native ? "on" : "off", build.native,
                    "the compiler uses all instructions of this CPU, and knows which are slow");
}

Row allocator(const Build& build) {
  return built_with("allocator", "mimalloc", build.allocator, build.allocator.starts_with("mimalloc"),
                    "new connections and handlers allocate from it");
}

Row mode(const Facts& facts) {
  const Config& config = facts.config;
  Row row{
      .name = "mode",
      .wanted = "performance, prebuilt responses",
      .why =
          "standard mode has one accepting thread and sends every request through router and middleware; "
          "composed responses are written for each request, and rulebooks list them as a separate class",
      .found = fmt::format("{}, {} responses", to_string(config.mode), to_string(config.response_class()))};
  if (config.response_class() == ResponseClass::prebuilt) return row;
  cli::Flags changed{{"--mode", "performance"}};
  if (config.fast_routes == ResponseClass::composed) changed["--fast-routes"] = "prebuilt";
  const std::string command = restart_with(changed, facts.flags);
  if (config.mode == Mode::performance) {
    row.note(command);
  } else {
    row.warn(command);
  }
  return row;
}

Row environment(const Facts& facts) {
  return warning_unless(
      facts.config.environment == Environment::production,
      {.name = "environment",
       .wanted = "production",
       .why = "in development each response of the router costs a request id and a log line; test logs for "
              "debugging",
       .found = std::string(to_string(facts.config.environment))},
      restart_with({{"--environment", "production"}}, facts.flags));
}

}  // namespace

std::vector<Row> program_rows(const Facts& facts) {
  return {build_type(facts.build),
          link_time_optimization(facts.build),
          native(facts.build),
          allocator(facts.build),
          mode(facts),
          environment(facts)};
}

}  // namespace chopin::doctor
