#include "doctor/restart.hpp"

#include "doctor/shell.hpp"

namespace chopin::doctor {

std::string restart_with(const cli::Flags& changed, cli::Flags given) {
  for (const auto& [flag, value] : changed) given[flag] = value;
  std::string command = "chopin";
  for (const auto& [flag, value] : given)
    command.append(" ").append(flag).append(" ").append(shell_word(value));
  return command;
}

}  // namespace chopin::doctor
