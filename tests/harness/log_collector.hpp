#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/log.hpp"

namespace chopin::test {

/// Keeps the lines of a log. Must outlive it.
class LogCollector {
 public:
  LogSink sink() {
    return [this](const LogLine& line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(std::string(to_string(line.level)) + " " + std::string(line.text));
    };
  }
  /// "info started", in the order of their arrival.
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  [[nodiscard]] std::size_t count(std::string_view part) const {
    const std::vector<std::string> all = lines();
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [part](const std::string& line) { return line.find(part) != std::string::npos; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace chopin::test
