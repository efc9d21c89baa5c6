#include "doctor/restart.hpp"

#include "data/database_url.hpp"
#include "doctor/shell.hpp"

namespace chopin::doctor {

std::string restart_with(const cli::Flags& changed, cli::Flags given) {
  for (const auto& [flag, value] : changed) given[flag] = value;
  std::string command = "chopin";
  for (const auto& [flag, value] : given) {
    const bool is_secret = flag == "--database-url" && data::parse_database_url(value).has_password;
    command.append(" ").append(flag).append(" ");
    command.append(is_secret ? "\"$DATABASE_URL\"" : shell_word(value));
  }
  return command;
}

}  // namespace chopin::doctor
