#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chopin::doctor {

enum class Verdict : std::uint8_t {
  ok,
  warning,
  note,  ///< does not matter here, or cannot be read
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
  std::string why;  ///< what it does to a benchmark
  Verdict verdict = Verdict::ok;
  std::string found{};
  std::string command{};  ///< for a shell, what makes it right; empty where nothing has to be done

  void warn(std::string mend) {
    verdict = Verdict::warning;
    command = std::move(mend);
  }
  void note(std::string mend) {
    verdict = Verdict::note;
    command = std::move(mend);
  }
};

}  // namespace chopin::doctor
