#include "doctor/checklist.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <gtest/gtest.h>

#include "doctor/healthy_machine.hpp"

namespace chopin::doctor {
namespace {

Checklist checklist_of(const HealthyMachine& machine) {
  return {machine.facts, machine.root.path()};
}

TEST(Checklist, warns_of_nothing_on_a_healthy_machine) {
  const HealthyMachine machine;
  const Checklist checklist = checklist_of(machine);
  for (const Row& row : checklist.rows()) expect(row, Verdict::ok, row.found);
  EXPECT_EQ(checklist.count(Verdict::ok), checklist.rows().size());
  EXPECT_EQ(checklist.count(Verdict::warning), 0U);
}

TEST(Checklist, fills_in_every_text_of_every_row) {
  HealthyMachine machine;
  machine.root.remove("/proc");
  machine.root.remove("/sys");
  const Checklist checklist = checklist_of(machine);
  for (const Row& row : checklist.rows()) {
    for (const std::string& text : {row.name, row.found, row.wanted, row.why})
      EXPECT_NE(text, "") << row.name;
  }
}

TEST(Checklist, of_a_machine_without_proc_and_sys_notes_what_cannot_be_read) {
  HealthyMachine machine;
  machine.root.remove("/proc");
  machine.root.remove("/sys");
  const Checklist checklist = checklist_of(machine);
  std::size_t unreadable = 0;
  for (const Row& row : checklist.rows()) {
    if (row.found.starts_with("cannot be read: ")) ++unreadable;
  }
  EXPECT_EQ(unreadable, 9U) << "five sysctls, conntrack, governor, quota and SMT";
  EXPECT_EQ(checklist.count(Verdict::note), unreadable);
  EXPECT_EQ(checklist.count(Verdict::warning), 0U);
}

TEST(Checklist, prints_rows_to_act_on_in_full_and_the_others_on_one_line) {
  HealthyMachine machine;
  machine.root.write("/proc/sys/net/core/somaxconn", "128\n");
  machine.root.remove("/sys/devices/system/cpu/smt");
  const std::string text = checklist_of(machine).text();
  EXPECT_NE(text.find("ok       LTO                           on\nok       native CPU"), std::string::npos)
      << text;
  EXPECT_NE(text.find("warning  net.core.somaxconn            128\n"
                      "         wanted   8192 or more, the backlog\n"
                      "         why      "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\n         command  sysctl -w net.core.somaxconn=8192\n"), std::string::npos) << text;
  EXPECT_NE(text.find("note     SMT                           cannot be read: "), std::string::npos) << text;
  EXPECT_NE(text.find("\n1 warning, 1 note; "), std::string::npos) << text;
}

TEST(Checklist, writes_all_texts_of_the_rows_as_json) {
  HealthyMachine machine;
  machine.root.write("/sys/devices/system/cpu/smt/active", "1\n");
  machine.facts.shared_port_fault = "cannot set \"SO_REUSEPORT\"";
  machine.facts.config.fast_routes = ResponseClass::composed;
  const Checklist checklist = checklist_of(machine);
  std::istringstream json(checklist.json());
  boost::property_tree::ptree document;
  ASSERT_NO_THROW(boost::property_tree::read_json(json, document));
  EXPECT_EQ(document.get<int>("warnings"), 2);
  EXPECT_EQ(document.get<int>("notes"), 1);
  const auto& rows = document.get_child("rows");
  ASSERT_EQ(rows.size(), checklist.rows().size());
  auto row = checklist.rows().begin();
  for (const auto& [name, object] : rows) {
    EXPECT_EQ(object.size(), 6U);
    EXPECT_EQ(object.get<std::string>("name"), row->name);
    EXPECT_EQ(object.get<std::string>("verdict"), to_string(row->verdict));
    EXPECT_EQ(object.get<std::string>("found"), row->found);
    EXPECT_EQ(object.get<std::string>("wanted"), row->wanted);
    EXPECT_EQ(object.get<std::string>("why"), row->why);
    EXPECT_EQ(object.get<std::string>("command"), row->command);
    ++row;
  }
}

/// The page about the doctor.
std::string page() {
  std::ifstream file(CHOPIN_SOURCE "/src/doctor/README.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DoctorPage, shows_the_doctors_real_output) {
  HealthyMachine machine;
  machine.root.write("/proc/sys/net/core/somaxconn", "4096\n");
  const std::string section = page();
  const std::string command = "chopin doctor\n";
  const std::size_t begin = section.find(command);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = section.find("```", begin);
  const std::string shown = section.substr(begin + command.size(), end - begin - command.size());
  EXPECT_TRUE(checklist_of(machine).text().starts_with(shown)) << checklist_of(machine).text();
  EXPECT_NE(shown, "");
}

TEST(DoctorPage, lists_the_rows_of_the_doctor) {
  const std::string section = page();
  const HealthyMachine machine;
  const Checklist checklist = checklist_of(machine);
  for (const Row& row : checklist.rows()) {
    EXPECT_NE(section.find("\n| " + row.name + " | "), std::string::npos) << row.name;
  }
  std::size_t lines = 0;
  for (std::size_t at = section.find("\n| "); at != std::string::npos; at = section.find("\n| ", at + 1))
    ++lines;
  EXPECT_EQ(lines, checklist.rows().size() + 1)
      << "the table, with its head, has a row that the doctor lacks";
}

}  // namespace
}  // namespace chopin::doctor
