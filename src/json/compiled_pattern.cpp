#include "json/compiled_pattern.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

namespace chopin::json {
namespace {

/// All patterns that were used. The program's source bounds their number.
class PatternTable {
 public:
  const CompiledPattern& find(std::string_view text) {
    const std::lock_guard lock(mutex_);
    const auto known = patterns_.find(text);
    return known != patterns_.end() ? known->second : patterns_.try_emplace(text, text).first->second;
  }

  /// Never destroyed: threads may still read while the process ends.
  static PatternTable& instance() {
    static PatternTable& table = *new PatternTable;
    return table;
  }

 private:
  std::mutex mutex_;
  std::map<std::string_view, const CompiledPattern> patterns_;  // by literals
};

void collect(const Type& type, std::vector<const Type*>& types) {
  if (std::ranges::find(types, &type) == types.end()) types.push_back(&type);
}

}  // namespace

CompiledPattern::CompiledPattern(std::string_view pattern)
    : expression_({pattern.data(), pattern.size()}, options()) {
  if (!expression_.ok()) {
    throw std::invalid_argument(
        fmt::format("the pattern '{}' is malformed: {}", pattern, expression_.error()));
  }
}

RE2::Options CompiledPattern::options() {
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(most_memory);
  return options;
}

bool CompiledPattern::is_found_in(std::string_view text) const {
  return expression_.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

const CompiledPattern& compiled(const Rules& rules) {
  if (rules.compiled == nullptr) return PatternTable::instance().find(rules.pattern);
  const CompiledPattern* const known = rules.compiled->load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  const CompiledPattern& found = PatternTable::instance().find(rules.pattern);
  rules.compiled->store(&found, std::memory_order_release);
  return found;
}

void check_patterns(const Type& type) {
  std::vector<const Type*> types{&type};
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i]->inner != nullptr) collect(*types[i]->inner, types);
    for (const ObjectMember& member : types[i]->members) {
      if (member.rules.pattern != nullptr) compiled(member.rules);
      collect(*member.type, types);
    }
  }
}

}  // namespace chopin::json
