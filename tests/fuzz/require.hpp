#pragma once

#include <cstdlib>
#include <iostream>
#include <optional>
#include <source_location>
#include <string_view>
#include <utility>

namespace chopin::fuzz {

/// Aborts the process: fuzzers keep inputs that crash.
[[noreturn]] inline void fail(std::string_view what, const std::source_location& where) {
  std::cerr << where.file_name() << ':' << where.line() << ": broken: " << what << '\n' << std::flush;
  std::abort();
}

/// Fails unless `holds`.
inline void require(bool holds, std::string_view what,
                    const std::source_location& where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    fail(what, where);
}

/// The value. Fails if there is none.
template <class Value>
Value required(std::optional<Value> value, std::string_view what,
               const std::source_location& where = std::source_location::current()) {
  if (!value) fail(what, where);
  return *std::move(value);
}

}  // namespace chopin::fuzz
