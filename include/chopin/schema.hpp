#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chopin {

/// The same step in both dialects: statements that end with semicolons.
struct SqlScript {
  std::string postgres;
  std::string sqlite;
};

/// A step from one version of the tables to the next. Runs once in each database, in a transaction.
struct Migration {
  std::uint32_t version = 0;  ///< ascending from 1
  std::string name;
  SqlScript script;
};

/// The tables of an application, and what fills them. Plain data.
struct Schema {
  std::vector<Migration> migrations{};
  /// Fills the tables; runs in a transaction. Should change nothing if they are filled already.
  SqlScript seed{};
};

}  // namespace chopin
