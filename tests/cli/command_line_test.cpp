#include "cli/command_line.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "cli/reading.hpp"

namespace chopin::cli {
namespace {

std::vector<Setting> documented_flags() {
  std::vector<Setting> flags(all_settings().begin(), all_settings().end());
  flags.push_back(config_file_flag);
  return flags;
}

TEST(CommandLine, accepts_values_after_a_space_or_an_equals_sign) {
  EXPECT_EQ(settings({.flags = {"--port", "5000"}}).port, 5000);
  EXPECT_EQ(settings({.flags = {"--port=5000"}}).port, 5000);
}

TEST(CommandLine, reads_a_switch_alone_as_true) {
  EXPECT_TRUE(settings({.flags = {"--share-port"}}).share_port);
  EXPECT_TRUE(settings({.flags = {"--share-port", "--port", "1"}}).share_port);
  EXPECT_FALSE(settings({.flags = {"--share-port", "no"}}).share_port);
  EXPECT_FALSE(settings({.flags = {"--share-port=no"}}).share_port);
}

TEST(CommandLine, refuses_unknown_and_repeated_flags_and_missing_values) {
  EXPECT_NE(error_of({.flags = {"--prot", "1"}}).find("--prot"), std::string::npos);
  EXPECT_NE(error_of({.flags = {"stray"}}).find("stray"), std::string::npos);
  EXPECT_NE(error_of({.flags = {"--port"}}).find("--port"), std::string::npos);
  EXPECT_NE(error_of({.flags = {"--port", "1", "--port", "2"}}).find("--port"), std::string::npos);
  EXPECT_NE(error_of({.flags = {"--config", "a", "--config", "b"}}).find("--config"), std::string::npos);
}

TEST(CommandLine, names_an_unknown_flag_as_typed_and_the_nearest_known_one) {
  EXPECT_EQ(error_of({.flags = {"--prot", "1"}}), "unknown flag '--prot', did you mean --port; see --help");
  EXPECT_EQ(error_of({.flags = {"--prot=1"}}), "unknown flag '--prot', did you mean --port; see --help");
  EXPECT_EQ(error_of({.flags = {"--port", "1", "--idletimeout", "2s", "--bogus"}}),
            "unknown flag '--idletimeout', did you mean --idle-timeout; see --help");
  EXPECT_EQ(error_of({.flags = {"doctor", "--jsno"}}),
            "unknown flag '--jsno', did you mean --json; see --help");
  EXPECT_EQ(error_of({.flags = {"--quite-another"}}), "unknown flag '--quite-another'; see --help");
  EXPECT_EQ(error_of({.flags = {"-p80"}}), "unknown flag '-p80'; see --help");
  EXPECT_EQ(error_of({.flags = {"stray", "word"}}), "unexpected argument 'stray'; see --help");
}

TEST(CommandLine, refuses_empty_values) {
  EXPECT_EQ(error_of({.flags = {"--port", ""}}), "--port: '' is not accepted; give 0..65535");
  EXPECT_EQ(error_of({.flags = {"--share-port", ""}}),
            "--share-port: '' is not accepted; give true 1 yes on, or false 0 no off");
  EXPECT_EQ(error_of({.flags = {"--port=", "1"}}), "--port=: a value must follow");
  EXPECT_EQ(error_of({.flags = {"--share-port="}}), "--share-port=: a value must follow");
}

TEST(CommandLine, help_names_every_setting_and_its_default) {
  const auto help = std::get<HelpWanted>(read({.flags = {"--help"}}));
  for (const Setting& setting : documented_flags()) {
    for (const std::string_view text : {setting.flag, setting.variable, setting.accepted, setting.fallback}) {
      EXPECT_NE(help.text.find(text), std::string::npos) << text;
    }
  }
}

TEST(CommandLine, help_needs_no_settings) {
  EXPECT_TRUE(std::holds_alternative<HelpWanted>(read({.flags = {"-h"}, .dotenv = "?", .config_file = "?"})));
}

std::string class_of(Given given) {
  given.flags.emplace_back("--version");
  return std::get<VersionWanted>(read(given)).response_class;
}

TEST(CommandLine, version_names_the_response_class) {
  EXPECT_EQ(class_of({}), "composed");
  EXPECT_EQ(class_of({.environment = {{"REUSEPORT", "true"}}}), "prebuilt");
  EXPECT_EQ(class_of({.dotenv = "SERVER_MODE=fast\nFAST_ROUTES=composed"}), "composed");
  EXPECT_EQ(class_of({.flags = {"--port", "x"}}), "--port: 'x' is not accepted; give 0..65535");
  EXPECT_TRUE(std::holds_alternative<VersionWanted>(read({.flags = {"-V"}})));
}

TEST(CommandLine, doctor_reads_the_settings_of_the_server) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"doctor", "--port", "5000", "--share-port"},
        {"--port", "5000", "--share-port", "doctor"}}) {
    const auto doctor = std::get<DoctorWanted>(read({.flags = flags, .dotenv = "REUSEPORT=true"}));
    EXPECT_EQ(doctor.config.port, 5000);
    EXPECT_TRUE(doctor.config.share_port);
    EXPECT_EQ(doctor.config.mode, Mode::performance);
    EXPECT_EQ(doctor.flags, (Flags{{"--port", "5000"}, {"--share-port", "true"}}));
    EXPECT_FALSE(doctor.as_json);
  }
  EXPECT_TRUE(std::get<DoctorWanted>(read({.flags = {"doctor", "--json"}})).as_json);
  EXPECT_TRUE(std::get<DoctorWanted>(read({.flags = {"doctor", "--share-port", "--json"}})).as_json);
}

TEST(CommandLine, doctor_refuses_what_the_server_refuses) {
  EXPECT_EQ(error_of({.flags = {"doctor", "--port", "x"}}), "--port: 'x' is not accepted; give 0..65535");
  EXPECT_NE(error_of({.flags = {"doctor", "stray"}}).find("stray"), std::string::npos);
  EXPECT_NE(error_of({.flags = {"doctor", "doctor"}}).find("more than once"), std::string::npos);
  EXPECT_NE(error_of({.flags = {"--json"}}).find("--json"), std::string::npos) << "it belongs to doctor";
}

TEST(CommandLine, help_wins_over_doctor_and_mentions_it) {
  const auto help = std::get<HelpWanted>(read({.flags = {"doctor", "--help"}}));
  EXPECT_NE(help.text.find("chopin doctor [--json]"), std::string::npos);
}

TEST(CommandLine, migrate_and_seed_read_the_settings_of_the_server) {
  for (const bool seed : {false, true}) {
    const auto wanted = std::get<MigrationWanted>(
        read({.flags = {seed ? "seed" : "migrate", "--database-url", "postgres://user:secret@host"},
              .dotenv = "SERVER_PORT=4000"}));
    EXPECT_EQ(wanted.config.database.url, "postgres://user:secret@host");
    EXPECT_EQ(wanted.config.port, 4000);
    EXPECT_EQ(wanted.warnings.size(), 1U) << "the password in the flag";
    EXPECT_EQ(wanted.seed, seed);
  }
  EXPECT_EQ(error_of({.flags = {"seed", "--port", "x"}}), "--port: 'x' is not accepted; give 0..65535");
}

TEST(CommandLine, takes_one_command) {
  EXPECT_EQ(error_of({.flags = {"migrate", "migrate"}}), "migrate: given more than once; see --help");
  EXPECT_EQ(error_of({.flags = {"migrate", "seed"}}), "migrate and seed: give one of them; see --help");
  EXPECT_EQ(error_of({.flags = {"migrte"}}),
            "unexpected argument 'migrte', did you mean migrate; see --help");
  EXPECT_NE(error_of({.flags = {"migrate", "--json"}}).find("--json"), std::string::npos);
}

TEST(CommandLine, is_read_for_other_programs_too) {
  const char* const arguments[] = {"items", "--port", "5000", "--log-level=off"};
  Config defaults;
  defaults.mode = Mode::performance;
  const chopin::Settings given = read_settings(4, arguments, defaults);
  EXPECT_EQ(given.config.port, 5000);
  EXPECT_EQ(given.config.log_level, LogLevel::off);
  EXPECT_EQ(given.config.mode, Mode::performance);
  EXPECT_FALSE(given.help);
  const char* const help[] = {"items", "--help"};
  EXPECT_TRUE(read_settings(2, help).help);
  EXPECT_NE(settings_help().find("--max-body-size"), std::string::npos);
  for (const char* other : {"--version", "doctor", "migrate", "seed", "--port=x"}) {
    const char* const wrong[] = {"items", other};
    EXPECT_THROW(read_settings(2, wrong), chopin::SettingsError) << other;
  }
}

TEST(SettingsPage, lists_all_settings_as_in_the_program) {
  std::ifstream file(CHOPIN_SOURCE "/src/cli/README.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> rows;
  for (const Setting& setting : documented_flags()) {
    const std::string variable(setting.variable.empty() ? "-" : setting.variable);
    const std::string row = "| `" + std::string(setting.flag) + "` | " + variable + " | " +
                            std::string(setting.fallback) + " | " + std::string(setting.accepted) + " | " +
                            std::string(setting.meaning) + " |\n";
    EXPECT_NE(page.find(row), std::string::npos) << row;
    rows.insert(row);
  }
  std::size_t count = 0;
  for (std::size_t at = page.find("\n| `--"); at != std::string::npos; at = page.find("\n| `--", at + 1))
    ++count;
  EXPECT_EQ(count, rows.size()) << "the table has a setting that the program lacks";
}

}  // namespace
}  // namespace chopin::cli
