#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/request_parser.hpp"

namespace chopin::http {

using Progress = RequestParser::Progress;

/// A parser with its limits and memory.
struct Parsing {
  Limits limits;
  ParserScratch scratch{limits};
  RequestParser parser{limits, scratch};
};

/// Of a head that comes at once; none if it is complete, or not yet.
inline Rejection rejection_of_head(std::string_view head) {
  Parsing parsing;
  return parsing.parser.parse_head(head) == Progress::rejected ? parsing.parser.rejection() : Rejection::none;
}

inline std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

}  // namespace chopin::http
