#pragma once

#include <cstdlib>
#include <iostream>
#include <optional>
#include <source_location>
#include <string_view>
#include <utility>

namespace chopin::fuzz {

/// Ends the process: a crash is what a fuzzer keeps the input of.
[[noreturn]] inline void fail(std::string_view what, const std::source_location& where) {
  std::cerr << where.file_name() << ':' << where.line() << ": broken: " << what << '\n' << std::flush;
  std::abort();
}

/// Fails where what must hold does not.
inline void require(bool holds, std::string_view what,
                    const std::source_location& where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    fail(what, where);
}

/// The value that must be there.
template <class Value>
Value required(std::optional<Value> value, std::string_view what,
               const std::source_location& where = std::source_location::current()) {
  if (!value) fail(what, where);
  return *std::move(value);
}

}  // namespace chopin::fuzz
