// What the conversation with PostgreSQL takes from a server, it takes in whatever pieces it comes; rows come
// out as they were sent, each batch is done once, and libpq reads the same. The input: three lines, see
// ExchangePlan, then what the server sends.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chopin/database_error.hpp"
#include "chopin/rows.hpp"
#include "database_exchange.hpp"
#include "fuzz_target.hpp"
#include "libpq_judge.hpp"
#include "pieces.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

using data::Type;
using data::postgres::Conversation;

/// The values of all rows that the server sends, one after the other, read in the plainest way.
std::string values_in(std::string_view bytes) {
  std::string values;
  while (bytes.size() >= 5) {
    std::size_t length = 0;
    for (const char byte : bytes.substr(1, 4)) length = length * 256 + static_cast<unsigned char>(byte);
    if (length < 4 || length >= bytes.size()) return values;
    if (bytes.front() == 'D' && length >= 6) values += bytes.substr(7, length - 6);
    bytes.remove_prefix(1 + length);
  }
  return values;
}

template <class Value>
void read_value(data::ValueReader& reader) {
  std::optional<Value> value;
  reader.read(value);
}

/// Reads a value as its column is declared. A server may send other bytes than its RowDescription says.
void read_typed(data::ValueReader& reader, Type type) {
  switch (type) {
    case Type::boolean: return read_value<bool>(reader);
    case Type::int32: return read_value<std::int32_t>(reader);
    case Type::int64: return read_value<std::int64_t>(reader);
    case Type::float64: return read_value<double>(reader);
    case Type::json: return read_value<JsonText>(reader);
    case Type::text:
    case Type::int32_array: return read_value<std::string_view>(reader);
  }
}

void judge_result(const data::Query& query, std::string_view& sent) {
  const data::Result& result = query.result;
  data::ValueReader reader(result.values.bytes());
  ByteBuffer again;
  for (std::size_t i = 0; i < result.rows * query.statement->columns.size(); ++i) {
    std::optional<std::string_view> value;
    reader.read(value);
    data::append_value(again, value);
  }
  require(reader.left().empty(), "there are as many values as rows times columns");
  require(again.bytes() == result.values.bytes(), "values written again are the same");
  const std::size_t at = sent.find(result.values.bytes());
  require(at != std::string_view::npos, "the rows are those that were sent, in order");
  sent.remove_prefix(at + result.values.size());

  data::ValueReader typed(result.values.bytes());
  try {
    for (std::size_t row = 0; row < result.rows; ++row) {
      for (const Type type : query.statement->columns) read_typed(typed, type);
    }
  } catch (const DatabaseError& error) {
    require(error.sqlstate() == "42804" || error.sqlstate() == "22003", "a value is not of its type");
  }
}

/// Batches of unnamed statements are sent in the order in which they were started.
void judge_rows(const ExchangePlan& plan, const DatabaseExchange& exchange, const std::string& values) {
  std::string_view sent = values;
  for (const PlannedBatch& batch : exchange.batches()) {
    if (!batch.is_done || batch.is_final) continue;
    if (plan.statements == Conversation::Statements::named) sent = values;
    for (std::size_t i = 0; i < batch.queries.size(); ++i) {
      if (batch.sqlstates[i].empty()) judge_result(batch.queries[i], sent);
    }
  }
}

void run(std::string_view input) {
  ExchangePlan plan;
  if (!read_plan(input, plan)) return;
  DatabaseExchange whole(plan);
  whole.play(input, PieceSizes::whole(), "");
  judge_rows(plan, whole, values_in(input));
  if (plan.statements == Conversation::Statements::unnamed) require_same_as_libpq(whole, input);

  const std::string_view digits = plan.pieces.empty() ? "1" : plan.pieces;
  DatabaseExchange pieces(plan);
  pieces.play(input, PieceSizes(digits, input.size()), "");
  require(pieces.course() == whole.course(), "in pieces it is the same");
  if (plan.withdrawals.empty()) return;
  DatabaseExchange withdrawn(plan);
  withdrawn.play(input, PieceSizes(digits, input.size()), plan.withdrawals);
  judge_rows(plan, withdrawn, values_in(input));
}

}  // namespace
}  // namespace chopin::fuzz

/// libpq forgets a result whose message it refuses.
extern "C" const char* __lsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libpq.so";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chopin::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
