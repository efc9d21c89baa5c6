#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chopin::app {

struct Fortune {
  std::int32_t id;
  std::string_view message;
};

/// Appends a text to HTML, between tags or in a quoted attribute.
void append_escaped(std::string& html, std::string_view text);

/// TechEmpower's page of fortunes: those of the database and one more, by their messages' bytes.
std::string fortunes_page(std::vector<Fortune> fortunes);

}  // namespace chopin::app
