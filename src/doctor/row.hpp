#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "system/file_tree.hpp"

namespace chopin::doctor {

enum class Verdict : std::uint8_t {
  ok,
  warning,
  note,  ///< irrelevant here, or cannot be read
};

constexpr std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::ok: return "ok";
    case Verdict::warning: return "warning";
    case Verdict::note: break;
  }
  return "note";
}

/// One line of the checklist. Each text is one line.
struct Row {
  std::string name;
  std::string wanted;
  std::string why;  ///< how it affects a benchmark
  Verdict verdict = Verdict::ok;
  std::string found{};
  std::string command{};  ///< for a shell: fixes it; empty if nothing has to be done

  void warn(std::string fix) {
    verdict = Verdict::warning;
    command = std::move(fix);
  }
  void note(std::string fix) {
    verdict = Verdict::note;
    command = std::move(fix);
  }
};

/// Lets `judge` complete the row. If it cannot read something, the row becomes a note that says so.
template <class Judge>
Row judged(Row row, Judge judge) {
  try {
    judge(row);
  } catch (const system::Unreadable& error) {
    row.note({});
    row.found = std::string("cannot be read: ") + error.what();
  }
  return row;
}

}  // namespace chopin::doctor
