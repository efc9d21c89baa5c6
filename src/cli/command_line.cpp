#include "cli/command_line.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace chopin::cli {
namespace {

std::string help_text() {
  std::string text =
      "chopin: a multi-core HTTP/1.1 server\n\n"
      "Usage: chopin [FLAG VALUE]...\n\n"
      "A flag beats the environment variable beside it.\n\n";
  for (const Setting& setting : all_settings()) {
    text += fmt::format("  {:<18} {:<20} {}\n", setting.flag, setting.variable, setting.meaning);
    text += fmt::format("  {:<18} {:<20} {} [{}]\n", "", "", setting.accepted, setting.fallback);
  }
  text += fmt::format("  {:<18} {:<20} {}\n", "--help, -h", "", "this text");
  text += fmt::format("  {:<18} {:<20} {}\n", "--version, -V", "", "version, build and libraries");
  text += "\nExit status: 0 stopped as told, 1 a failure at run time, 2 a setting that cannot be used.\n";
  return text;
}

}  // namespace

CommandLine read_command_line(int argc, const char* const* argv, const Lookup& environment) {
  CLI::App app;
  app.set_help_flag();
  bool help = false;
  bool version = false;
  app.add_flag("--help,-h", help);
  app.add_flag("--version,-V", version);
  struct Given {
    std::string_view flag;
    std::vector<std::string> values;
    CLI::Option* option = nullptr;
  };
  std::deque<Given> all_given;  // CLI11 keeps references
  for (const Setting& setting : all_settings()) {
    Given& given = all_given.emplace_back(Given{setting.flag, {}, nullptr});
    given.option = app.add_option(std::string(setting.flag), given.values)
                       ->expected(setting.is_switch ? 0 : 1, 1)
                       ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::ranges::replace(line, '\n', ' ');
    throw SettingsError(line + "; see --help");
  }
  if (help) return HelpWanted{help_text()};
  if (version) return VersionWanted{};
  Flags flags;
  for (const Given& given : all_given) {
    if (given.option->count() == 0) continue;
    const bool alone = given.values.empty() || given.values.front().empty();
    flags[given.flag] = alone && given.option->get_expected_min() == 0 ? "true" : given.values.front();
  }
  return resolve(flags, environment);
}

}  // namespace chopin::cli
