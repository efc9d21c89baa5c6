#pragma once

#include <re2/re2.h>
#include <string_view>

#include "chopin/json_type.hpp"

namespace chopin::json {

/// A regular expression that texts of clients are searched for.
///
/// Thread safety: any thread. RE2 remembers states that it has met, up to `most_memory`.
/// Lifetime: those that `compiled` returns last as long as the process.
/// Throws: std::invalid_argument for a malformed pattern, or one too large; std::bad_alloc.
class CompiledPattern {
 public:
  explicit CompiledPattern(std::string_view pattern);

  /// Time linear in the size of the text, which is UTF-8.
  [[nodiscard]] bool is_found_in(std::string_view text) const;

 private:
  static constexpr int most_memory = 2 << 20;  // bytes, each

  static RE2::Options options();

  RE2 expression_;
};

/// The pattern that the rules name; they must name one. It is compiled when its text is first asked for.
/// Rules that have a place for it find it without a lock from the second time on.
const CompiledPattern& compiled(const Rules& rules);

}  // namespace chopin::json
