#include "cli/command_line.hpp"

#include <algorithm>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace chopin::cli {
namespace {

std::string help_of(const Setting& setting) {
  return fmt::format("  {:<18} {:<20} {}\n  {:<18} {:<20} {} [{}]\n", setting.flag, setting.variable,
                     setting.meaning, "", "", setting.accepted, setting.fallback);
}

std::string help_text() {
  std::string text =
      "chopin: a multi-core HTTP/1.1 server\n\n"
      "Usage: chopin [FLAG VALUE]...\n"
      "       chopin doctor [--json] [FLAG VALUE]...\n\n"
      "doctor starts no server and changes nothing: it says what in the machine, the build and the settings\n"
      "would disturb a benchmark, and the commands that fix it.\n\n"
      "A flag beats the environment variable beside it, that beats the same name in the file .env,\n"
      "that beats the flag's name, without dashes, in the file that --config names.\n\n";
  for (const Setting& setting : all_settings()) text += help_of(setting);
  text += help_of(config_file_flag);
  text += fmt::format("  {:<18} {:<20} {}\n", "--help, -h", "", "this text");
  text += fmt::format("  {:<18} {:<20} {}\n", "--version, -V", "", "version, build and libraries");
  text += fmt::format("  {:<18} {:<20} {}\n", "--json", "", "of doctor: one JSON document, for scripts");
  text +=
      "\nExit status: 0 stopped as told, 1 a failure at run time, 2 a setting that cannot be used.\n"
      "Of doctor: 0 all is well, 1 there are warnings, 2 a setting that cannot be used.\n";
  return text;
}

/// CLI11 reads `--port= 80` as `--port 80` and `--share-port=` as `--share-port`.
void refuse_empty_values(std::span<const char* const> arguments) {
  for (const std::string_view argument : arguments) {
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      throw SettingsError(fmt::format("{}: a value must follow", argument));
    }
  }
}

struct Arguments {
  bool help = false;
  bool version = false;
  bool doctor = false;
  bool json = false;
  Flags flags;
};

Arguments parse(int argc, const char* const* argv) {
  refuse_empty_values(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  Arguments arguments;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("--help,-h", arguments.help);
  app.add_flag("--version,-V", arguments.version);
  CLI::App& doctor = *app.add_subcommand("doctor")->fallthrough();
  doctor.add_flag("--json", arguments.json);
  struct Given {
    std::string_view flag;
    std::vector<std::string> values;
  };
  std::deque<Given> all_given;  // CLI11 keeps references
  const auto add = [&](const Setting& setting) {
    app.add_option(std::string(setting.flag), all_given.emplace_back(Given{setting.flag, {}}).values)
        ->expected(setting.is_switch ? 0 : 1, 1)
        ->default_str(setting.is_switch ? "true" : "")
        ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  };
  std::ranges::for_each(all_settings(), add);
  add(config_file_flag);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::ranges::replace(line, '\n', ' ');
    throw SettingsError(line + "; see --help");
  }
  if (doctor.count() > 1) throw SettingsError("doctor: given more than once; see --help");
  arguments.doctor = doctor.parsed();
  for (Given& given : all_given) {
    if (!given.values.empty()) arguments.flags[given.flag] = std::move(given.values.front());
  }
  return arguments;
}

Config settle(const Flags& flags, const Lookup& environment, const std::filesystem::path& working_directory) {
  std::vector<Source> sources{from_flags(flags), from_environment(environment),
                              from_dotenv(working_directory)};
  if (const auto file = flags.find(config_file_flag.flag); file != flags.end()) {
    sources.push_back(from_config_file(file->second, working_directory));
  }
  return resolve(sources);
}

std::string response_class_or_fault(const Flags& flags, const Lookup& environment,
                                    const std::filesystem::path& working_directory) {
  try {
    return std::string(to_string(settle(flags, environment, working_directory).response_class()));
  } catch (const SettingsError& error) {
    return error.what();
  }
}

}  // namespace

CommandLine read_command_line(int argc, const char* const* argv, const Lookup& environment,
                              const std::filesystem::path& working_directory) {
  Arguments arguments = parse(argc, argv);
  if (arguments.help) return HelpWanted{help_text()};
  if (arguments.version) {
    return VersionWanted{response_class_or_fault(arguments.flags, environment, working_directory)};
  }
  Config config = settle(arguments.flags, environment, working_directory);
  if (arguments.doctor) return DoctorWanted{std::move(config), std::move(arguments.flags), arguments.json};
  return config;
}

}  // namespace chopin::cli
