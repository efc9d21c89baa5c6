#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/facts.hpp"
#include "doctor/row.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::doctor {

/// A machine with two CPUs and a server about which the checklist warns of nothing. A test changes one thing.
class HealthyMachine {
 public:
  HealthyMachine();

  /// `name`: such as net.core.somaxconn.
  void set_sysctl(const std::string& name, const std::string& value) const;
  /// The row with this name. Throws if there is not exactly one.
  [[nodiscard]] Row row(std::string_view name) const;

  test::TemporaryFolder root;
  Facts facts;
};

std::string file_of_sysctl(std::string name);

std::ostream& operator<<(std::ostream& out, Verdict verdict);

/// Expects this verdict and finding; a warning with a command, an ok without.
void expect(const Row& row, Verdict verdict, const std::string& found);
/// Expects a warning with this command.
void expect_warning(const Row& row, const std::string& found, const std::string& command);
/// Expects a note because something cannot be read.
void expect_unreadable(const Row& row, const std::string& reason);

}  // namespace chopin::doctor
