// Signs and verifies tokens for test_pyjwt.py. Reads lines, and writes one for each:
//
//     sign SECRET EXPIRES SUBJECT [ROLE]...     the token
//     verify SECRET NOW TOKEN                   EXPIRES SUBJECT [ROLE]..., or why it is refused
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <variant>

#include "chopin/token.hpp"

namespace {

std::chrono::sys_seconds read_time(std::istream& words) {
  std::int64_t seconds = 0;
  words >> seconds;
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

std::string sign(std::istream& words) {
  std::string secret;
  chopin::Claims claims;
  words >> secret;
  claims.expires = read_time(words);
  words >> claims.subject;
  for (std::string role; words >> role;) claims.roles.push_back(role);
  return chopin::TokenKeys(secret).sign(claims);
}

std::string verify(std::istream& words) {
  std::string secret;
  std::string token;
  words >> secret;
  const auto now = read_time(words);
  words >> token;
  const auto read = chopin::TokenKeys(secret).verify(token, now);
  if (const auto* const fault = std::get_if<chopin::TokenFault>(&read)) return std::string(to_string(*fault));
  const auto& claims = std::get<chopin::Claims>(read);
  std::string line = std::to_string(claims.expires.time_since_epoch().count()) + " " + claims.subject;
  for (const std::string& role : claims.roles) line += " " + role;
  return line;
}

}  // namespace

int main() try {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    std::cout << (verb == "sign" ? sign(words) : verify(words)) << std::endl;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
