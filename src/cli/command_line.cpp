#include "cli/command_line.hpp"

#include <algorithm>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/nearest.hpp"
#include "data/database_url.hpp"

namespace chopin::cli {
namespace {

std::string help_of(const Setting& setting) {
  return fmt::format("  {:<28} {:<26} {}\n  {:<28} {:<26} {} [{}]\n", setting.flag, setting.variable,
                     setting.meaning, "", "", setting.accepted, setting.fallback);
}

std::string help_text() {
  std::string text =
      "chopin: a multi-core HTTP/1.1 server\n\n"
      "Usage: chopin [FLAG VALUE]...\n"
      "       chopin doctor [--json] [FLAG VALUE]...\n"
      "       chopin migrate [FLAG VALUE]...\n"
      "       chopin seed [FLAG VALUE]...\n\n"
      "doctor starts no server and changes nothing: it lists what would disturb a benchmark in the machine,\n"
      "the build and the settings, and the commands that fix it.\n"
      "migrate updates the tables of the database to what this version of the program needs; seed also\n"
      "fills them.\n\n"
      "A flag beats the environment variable beside it, which beats the same name in the file .env,\n"
      "which beats the flag's name, without dashes, in the file that --config names.\n"
      "Each variable may have the prefix CHOPIN_, which beats the bare name in the same place.\n\n";
  text += settings_help();
  text += fmt::format("  {:<28} {:<26} {}\n", "--help, -h", "", "this text");
  text += fmt::format("  {:<28} {:<26} {}\n", "--version, -V", "", "version, build and libraries");
  text += fmt::format("  {:<28} {:<26} {}\n", "--json", "", "of doctor: one JSON document, for scripts");
  text +=
      "\nExit status: 0 stopped on request, 1 a failure at run time, 2 a setting that cannot be used.\n"
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

constexpr std::string_view commands[] = {"doctor", "migrate", "seed"};

/// CLI11 lists all that it does not expect, in no order.
std::string unexpected(std::span<const char* const> arguments, const std::vector<std::string>& extras) {
  const auto is_extra = [&](std::string_view argument) {
    return std::ranges::find(extras, argument) != extras.end();
  };
  const auto is_flag = [&](std::string_view argument) {
    return argument.starts_with('-') && is_extra(argument);
  };
  const auto flag = std::ranges::find_if(arguments, is_flag);
  if (flag == arguments.end()) {
    const auto word = std::ranges::find_if(arguments, is_extra);
    const std::string given = word == arguments.end() ? extras.front() : *word;
    return fmt::format("unexpected argument '{}'{}; see --help", given, did_you_mean(given, commands));
  }
  std::vector<std::string_view> known{"--help", "--version", "--json", config_file_flag.flag};
  for (const Setting& setting : all_settings()) known.push_back(setting.flag);
  std::string_view name(*flag);
  name = name.substr(0, name.find('='));  // the value may be a secret
  return fmt::format("unknown flag '{}'{}; see --help", name, did_you_mean(name, known));
}

struct Arguments {
  bool help = false;
  bool version = false;
  bool json = false;
  std::string command;  ///< one of `commands`; empty: the server
  Flags flags;
};

Arguments parse(int argc, const char* const* argv) {
  refuse_empty_values(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  Arguments arguments;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("--help,-h", arguments.help);
  app.add_flag("--version,-V", arguments.version);
  for (const std::string_view command : commands) app.add_subcommand(std::string(command))->fallthrough();
  app.get_subcommand("doctor")->add_flag("--json", arguments.json);
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
  } catch (const CLI::ExtrasError&) {
    throw SettingsError(
        unexpected(std::span(argv, static_cast<std::size_t>(argc)).subspan(1), app.remaining(true)));
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::ranges::replace(line, '\n', ' ');
    throw SettingsError(line + "; see --help");
  }
  for (const CLI::App* const command : app.get_subcommands()) {
    if (command->count() > 1) throw SettingsError(command->get_name() + ": given more than once; see --help");
    if (!arguments.command.empty()) {
      throw SettingsError(
          fmt::format("{} and {}: give one of them; see --help", arguments.command, command->get_name()));
    }
    arguments.command = command->get_name();
  }
  for (Given& given : all_given) {
    if (!given.values.empty()) arguments.flags[given.flag] = std::move(given.values.front());
  }
  return arguments;
}

ServerWanted settle(const Flags& flags, const Variables& environment,
                    const std::filesystem::path& working_directory, const Config& defaults) {
  Warnings warnings;
  std::vector<Source> sources{from_flags(flags), from_environment(environment, warnings),
                              from_dotenv(working_directory, warnings)};
  if (const auto file = flags.find(config_file_flag.flag); file != flags.end()) {
    sources.push_back(from_config_file(file->second, working_directory));
  }
  Config config = resolve(sources, defaults);
  if (flags.contains("--database-url") && data::parse_database_url(config.database.url).has_password) {
    warnings.emplace_back(
        "--database-url: whoever may run ps sees the password; DATABASE_URL_FILE names a file that holds the "
        "URL, PGPASSFILE one that holds the password");
  }
  if (flags.contains("--jwt-secret")) {
    warnings.emplace_back(
        "--jwt-secret: whoever may run ps sees the secret; JWT_SECRET_FILE names a file that holds it");
  }
  if (flags.contains("--jwt-secret-previous")) {
    warnings.emplace_back(
        "--jwt-secret-previous: whoever may run ps sees the secret; put it into the variable "
        "JWT_SECRET_PREVIOUS");
  }
  return {.config = std::move(config), .warnings = std::move(warnings)};
}

}  // namespace

CommandLine read_command_line(int argc, const char* const* argv, const Variables& environment,
                              const std::filesystem::path& working_directory, const Config& defaults) {
  Arguments arguments = parse(argc, argv);
  if (arguments.help) return HelpWanted{help_text()};
  const auto settled = [&] { return settle(arguments.flags, environment, working_directory, defaults); };
  if (arguments.version) {
    try {
      return VersionWanted{std::string(to_string(settled().config.response_class()))};
    } catch (const SettingsError& error) {
      return VersionWanted{error.what()};
    }
  }
  ServerWanted server = settled();
  if (arguments.command.empty()) return server;
  if (arguments.command == "doctor") {
    return DoctorWanted{std::move(server.config), std::move(arguments.flags), arguments.json};
  }
  return MigrationWanted{.config = std::move(server.config),
                         .warnings = std::move(server.warnings),
                         .seed = arguments.command == "seed"};
}

}  // namespace chopin::cli

namespace chopin {

Settings read_settings(int argc, const char* const* argv, const Config& defaults) {
  auto given = cli::read_command_line(argc, argv, cli::process_environment(), ".", defaults);
  if (std::holds_alternative<cli::HelpWanted>(given))
    return {.config = defaults, .warnings = {}, .help = true};
  auto* const server = std::get_if<cli::ServerWanted>(&given);
  if (server == nullptr)
    throw SettingsError("--version, doctor, migrate and seed belong to the program chopin");
  return {.config = std::move(server->config), .warnings = std::move(server->warnings)};
}

std::string settings_help() {
  std::string text;
  for (const cli::Setting& setting : cli::all_settings()) text += cli::help_of(setting);
  return text + cli::help_of(cli::config_file_flag);
}

}  // namespace chopin
