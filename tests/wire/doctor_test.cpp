#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <gtest/gtest.h>

#include "harness/server_process.hpp"

namespace chopin::test {
namespace {

using boost::property_tree::ptree;

struct Diagnosis {
  int status = 0;
  ptree document;
  std::map<std::string, std::string> verdicts;
  std::map<std::string, std::string> commands;
};

Diagnosis diagnose(ProcessOptions options) {
  options.arguments.insert(options.arguments.begin(), {"doctor", "--json"});
  const ProcessResult result = run_to_end(options);
  EXPECT_EQ(result.err, "");
  std::istringstream json(result.out);
  Diagnosis diagnosis{.status = result.status, .document = {}, .verdicts = {}, .commands = {}};
  boost::property_tree::read_json(json, diagnosis.document);
  for (const auto& [_, row] : diagnosis.document.get_child("rows")) {
    diagnosis.verdicts[row.get<std::string>("name")] = row.get<std::string>("verdict");
    diagnosis.commands[row.get<std::string>("name")] = row.get<std::string>("command");
  }
  return diagnosis;
}

std::size_t warnings_among(const std::map<std::string, std::string>& verdicts) {
  std::size_t count = 0;
  for (const auto& [_, verdict] : verdicts) count += verdict == "warning" ? 1U : 0U;
  return count;
}

TEST(Doctor, ends_with_1_exactly_if_it_warns) {
  const Diagnosis as_is = diagnose({});
  EXPECT_EQ(as_is.status, 1) << "standard mode is a warning anywhere";
  for (const Diagnosis& diagnosis :
       {as_is, diagnose({.arguments = {"--mode", "performance", "--environment", "production"}})}) {
    const std::size_t warnings = warnings_among(diagnosis.verdicts);
    EXPECT_EQ(diagnosis.status, warnings > 0 ? 1 : 0);
    EXPECT_EQ(diagnosis.document.get<std::size_t>("warnings"), warnings);
  }
}

TEST(Doctor, judges_the_settings_that_the_server_would_run_with) {
  const Diagnosis by_default = diagnose({});
  EXPECT_EQ(by_default.verdicts.at("mode"), "warning");
  EXPECT_EQ(by_default.verdicts.at("environment"), "warning");
  for (const ProcessOptions& options :
       {ProcessOptions{.arguments = {"--mode", "performance", "--environment", "production"}},
        ProcessOptions{.environment = {{"REUSEPORT", "true"}, {"ENVIRONMENT", "production"}}},
        ProcessOptions{.files = {{".env", "SERVER_MODE=fast\nENVIRONMENT=production\n"}}},
        ProcessOptions{.arguments = {"--config", "chopin.conf"},
                       .files = {{"chopin.conf", "mode = performance\nenvironment = production\n"}}}}) {
    const Diagnosis diagnosis = diagnose(options);
    EXPECT_EQ(diagnosis.verdicts.at("mode"), "ok");
    EXPECT_EQ(diagnosis.verdicts.at("environment"), "ok");
  }
}

/// The arguments of a command such as `chopin --flag value` whose values need no quotes.
std::vector<std::string> arguments_of(const std::string& command) {
  std::istringstream words(command.substr(command.find(' ')));
  return {std::istream_iterator<std::string>(words), {}};
}

TEST(Doctor, prints_commands_that_keep_the_given_flags_and_satisfy_it) {
  const ProcessOptions given{
      .arguments = {"--config", "chopin.conf", "--max-connections", "10", "--share-port"},
      .environment = {{"FAST_ROUTES", "composed"}, {"REUSEPORT", "false"}},
      .files = {{".env", "SERVER_MODE=standard\n"}, {"chopin.conf", "environment = test\n"}}};
  for (const char* row : {"mode", "environment"}) {
    const Diagnosis before = diagnose(given);
    ASSERT_EQ(before.verdicts.at(row), "warning");
    ProcessOptions mended = given;
    mended.arguments = arguments_of(before.commands.at(row));
    const Diagnosis after = diagnose(mended);
    EXPECT_EQ(after.verdicts.at(row), "ok") << before.commands.at(row);
    EXPECT_EQ(after.document.get_child("rows").front().second.get<std::string>("wanted"),
              before.document.get_child("rows").front().second.get<std::string>("wanted"))
        << "it follows --max-connections";
  }
}

TEST(Doctor, judges_the_limit_of_its_process) {
  const Diagnosis diagnosis = diagnose({.descriptor_limit = 40});
  EXPECT_EQ(diagnosis.status, 1);
  EXPECT_EQ(diagnosis.verdicts.at("open files"), "warning");
  const Diagnosis content =
      diagnose({.arguments = {"--max-connections", "10", "--workers", "1"}, .descriptor_limit = 70});
  EXPECT_EQ(content.verdicts.at("open files"), "ok");
}

TEST(Doctor, prints_the_same_rows_as_text_and_as_json) {
  const ProcessResult result = run_to_end({.arguments = {"doctor"}});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "");
  for (const auto& [name, verdict] : diagnose({}).verdicts) {
    EXPECT_NE(("\n" + result.out).find("\n" + verdict + std::string(9 - verdict.size(), ' ') + name + " "),
              std::string::npos)
        << verdict << " " << name << " in " << result.out;
  }
}

TEST(Doctor, ends_with_2_if_the_settings_cannot_be_used) {
  const ProcessResult result = run_to_end({.arguments = {"doctor", "--json", "--port", "x"}});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "chopin: --port: 'x' is not accepted; give 0..65535\n");
  EXPECT_EQ(run_to_end({.arguments = {"doctor", "--yaml"}}).status, 2);
}

}  // namespace
}  // namespace chopin::test
