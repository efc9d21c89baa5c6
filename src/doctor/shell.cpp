#include "doctor/shell.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace chopin::doctor {
namespace {

bool is_plain(char c) {
  constexpr std::string_view plain_symbols = "_-+=:,./@%";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         plain_symbols.find(c) != std::string_view::npos;
}

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

/// Within single quotes only the single quote is special, and it cannot be escaped there.
std::string quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'')
      word += R"('\'')";
    else
      word += c;
  }
  return word + '\'';
}

std::string escaped(std::string_view text) {
  std::string word = "$'";
  for (const char c : text) {
    if (is_printable(c) && c != '\'' && c != '\\')
      word += c;
    else
      fmt::format_to(std::back_inserter(word), "\\{:03o}", static_cast<unsigned char>(c));
  }
  return word + '\'';
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (!std::ranges::all_of(text, is_printable)) return escaped(text);
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return std::string(text);
  return quoted(text);
}

}  // namespace chopin::doctor
