#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/facts.hpp"
#include "doctor/row.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::doctor {

/// A machine with two CPUs and a server on it of which the checklist has nothing to say. A test changes what
/// it is about.
class HealthyMachine {
 public:
  HealthyMachine();

  /// `name`: such as net.core.somaxconn.
  void set_sysctl(const std::string& name, const std::string& value) const;
  /// Another machine or server is judged by the row of this name. Throws where there is not exactly one.
  [[nodiscard]] Row row(std::string_view name) const;

  test::TemporaryFolder root;
  Facts facts;
};

std::string file_of_sysctl(std::string name);

std::ostream& operator<<(std::ostream& out, Verdict verdict);

/// That the row judges so, and says what it found; a warning with a command, an ok without.
void expect(const Row& row, Verdict verdict, const std::string& found);
/// That the row warns, and says what mends it.
void expect_warning(const Row& row, const std::string& found, const std::string& command);
/// That the row is a note, because of what `reason` says.
void expect_unreadable(const Row& row, const std::string& reason);

}  // namespace chopin::doctor
