#include "doctor/restart.hpp"

#include "data/database_url.hpp"
#include "doctor/shell.hpp"

namespace chopin::doctor {

namespace {

/// A variable in place of a secret.
std::string shown(std::string_view flag, const std::string& value) {
  if (flag == "--database-url" && data::parse_database_url(value).has_password) return "\"$DATABASE_URL\"";
  if (flag == "--jwt-secret") return "\"$JWT_SECRET\"";
  if (flag == "--jwt-secret-previous") return "\"$JWT_SECRET_PREVIOUS\"";
  return shell_word(value);
}

}  // namespace

std::string restart_with(const cli::Flags& changed, cli::Flags given) {
  for (const auto& [flag, value] : changed) given[flag] = value;
  std::string command = "chopin";
  for (const auto& [flag, value] : given) {
    command.append(" ").append(flag).append(" ").append(shown(flag, value));
  }
  return command;
}

}  // namespace chopin::doctor
