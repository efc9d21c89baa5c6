#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "doctor/facts.hpp"
#include "doctor/row.hpp"

namespace chopin::doctor {

/// Checks whether a benchmark on this machine will measure the server. Changes nothing.
class Checklist {
 public:
  /// `root` is prefixed to /proc and /sys: empty for the machine's own.
  Checklist(const Facts& facts, const std::string& root = {});

  [[nodiscard]] const std::vector<Row>& rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t count(Verdict verdict) const;
  /// For people: rows to act on in full, the others on one line each.
  [[nodiscard]] std::string text() const;
  /// For scripts: one JSON document on one line.
  [[nodiscard]] std::string json() const;

 private:
  std::vector<Row> rows_;
};

}  // namespace chopin::doctor
