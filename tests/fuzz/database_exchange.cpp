#include "database_exchange.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>

#include "chopin/database_error.hpp"
#include "exact_bytes.hpp"
#include "require.hpp"

namespace chopin::fuzz {
namespace {

using data::Query;
using data::StatementInfo;
using data::Type;
using data::postgres::Conversation;

constexpr std::size_t most_batches = 64;

const StatementInfo every_type(
    "SELECT true, $1, 2::bigint, 0.5::float8, NULL::text, '[1]'::jsonb FROM generate_series(1, $1)", "",
    {Type::int32}, {Type::boolean, Type::int32, Type::int64, Type::float64, Type::text, Type::json}, false,
    false);
const StatementInfo add_item("INSERT INTO items (id, name, parent) VALUES ($1, $2, $3)", "",
                             {Type::int32, Type::text, Type::int64}, {}, false, false);
const StatementInfo find_items("SELECT name FROM items WHERE id = ANY($1)", "", {Type::int32_array},
                               {Type::text}, false, false);
const StatementInfo nothing("", "", {}, {}, false, false);
const StatementInfo begin("BEGIN", "", {}, {}, false, false);
const StatementInfo commit("COMMIT", "", {}, {}, false, false);
const StatementInfo wrong_type("SELECT 'a'::text", "", {}, {Type::int32}, false, false);
const StatementInfo wrong_count("SELECT 1, 2", "", {}, {Type::int32}, false, false);
const StatementInfo wrong_sql("SELEC", "", {}, {}, false, false);
const StatementInfo divide("SELECT 1 / $1::int, $2::float8", "", {Type::boolean, Type::float64},
                           {Type::int64, Type::float64}, false, false);

std::string sqlstate_of(const std::exception_ptr& error) {
  if (error == nullptr) return "";
  try {
    std::rethrow_exception(error);
  } catch (const DatabaseError& known) {
    return std::string(known.sqlstate());
  }
}

std::string_view take_line(std::string_view& input) {
  const std::size_t size = std::min(input.find('\n'), input.size());
  const std::string_view line = input.substr(0, size);
  input.remove_prefix(std::min(size + 1, input.size()));
  return line;
}

void append_parameter(ByteBuffer& out, Type type) {
  static constexpr std::array<std::int32_t, 3> several{1, 2, -3};
  switch (type) {
    case Type::boolean: return data::append_value(out, false);
    case Type::int32: return data::append_value(out, std::int32_t{2});
    case Type::int64: return data::append_value(out, std::int64_t{1});
    case Type::float64: return data::append_value(out, 0.25);
    case Type::text: return data::append_value(out, std::string_view("name"));
    case Type::json: return data::append_value(out, JsonText{"{}"});
    case Type::int32_array: return data::append_value(out, std::span<const std::int32_t>(several));
  }
}

}  // namespace

bool read_plan(std::string_view& input, ExchangePlan& plan) {
  std::string_view first = take_line(input);
  if (first.empty()) return false;
  plan.statements =
      first.front() == '1' ? Conversation::Statements::unnamed : Conversation::Statements::named;
  first.remove_prefix(1);
  const std::size_t plus = std::min(first.find('+'), first.size());
  plan.batches = first.substr(0, plus).substr(0, most_batches);
  plan.started_later = first.substr(std::min(plus + 1, first.size())).substr(0, most_batches);
  plan.pieces = take_line(input);
  plan.withdrawals = take_line(input);
  return true;
}

const BatchKind& batch_kind(char letter) {
  static const std::array kinds{
      BatchKind{{&every_type}, Together::no},                             // a
      BatchKind{{&add_item}, Together::no},                               // b
      BatchKind{{&find_items}, Together::no},                             // c
      BatchKind{{&nothing}, Together::no},                                // d
      BatchKind{{&begin}, Together::no},                                  // e
      BatchKind{{&commit}, Together::no},                                 // f
      BatchKind{{&wrong_type}, Together::no},                             // g
      BatchKind{{&wrong_count}, Together::no},                            // h
      BatchKind{{&wrong_sql}, Together::no},                              // i
      BatchKind{{&divide}, Together::no},                                 // j
      BatchKind{{&every_type, &find_items, &every_type}, Together::no},   // k
      BatchKind{{&every_type, &find_items, &every_type}, Together::yes},  // l
      BatchKind{{&every_type, &divide, &find_items}, Together::no},       // m
      BatchKind{{&every_type, &divide, &find_items}, Together::yes},      // n
      BatchKind{{&add_item, &find_items}, Together::yes},                 // o
      BatchKind{{&wrong_type, &every_type}, Together::yes},               // p
  };
  const auto place = static_cast<std::size_t>(std::tolower(static_cast<unsigned char>(letter)) - 'a');
  return kinds[place < kinds.size() ? place : 0];
}

data::Query query_with_parameters(const StatementInfo& statement) {
  Query query(&statement, ByteBuffer());
  for (const Type type : statement.parameters) append_parameter(query.parameters, type);
  return query;
}

class DatabaseExchange::Live final : public data::Batch {
 public:
  Live(DatabaseExchange& exchange, PlannedBatch& outcome, bool withdraws)
      : Batch(outcome.queries, outcome.kind->together),
        outcome_(outcome),
        withdraws_(withdraws),
        exchange_(exchange) {}

  void on_done() noexcept override { exchange_.on_done(*this); }
  [[nodiscard]] PlannedBatch& outcome() noexcept { return outcome_; }
  [[nodiscard]] bool withdraws() const noexcept { return withdraws_; }

 private:
  PlannedBatch& outcome_;
  bool withdraws_;
  DatabaseExchange& exchange_;
};

DatabaseExchange::DatabaseExchange(const ExchangePlan& plan) : plan_(plan), conversation_(plan.statements) {
  for (const char letter : plan_.batches) start(letter);
}

DatabaseExchange::~DatabaseExchange() {
  end();
}

void DatabaseExchange::start(char letter) {
  PlannedBatch& outcome = outcomes_.emplace_back();
  outcome.kind = &batch_kind(letter);
  for (const StatementInfo* const statement : outcome.kind->statements) {
    outcome.queries.push_back(query_with_parameters(*statement));
  }
  live_.push_back(
      std::make_unique<Live>(*this, outcome, std::isupper(static_cast<unsigned char>(letter)) != 0));
  conversation_.start(*live_.back());
}

void DatabaseExchange::start_later() {
  if (plan_.started_later.empty()) return;
  const char letter = plan_.started_later.front();
  plan_.started_later.remove_prefix(1);
  start(letter);
}

/// Deletes the batch, as its owner may: AddressSanitizer then sees every use of it.
void DatabaseExchange::on_done(Live& batch) {
  PlannedBatch& outcome = batch.outcome();
  const bool withdraws = batch.withdraws();
  require(!outcome.is_done && !outcome.is_withdrawn, "a batch is done once, unless it is withdrawn");
  outcome.is_done = true;
  outcome.is_final = is_ending_;
  for (const Query& query : outcome.queries) outcome.sqlstates.push_back(sqlstate_of(query.error));
  std::ranges::find(live_, &batch, &std::unique_ptr<Live>::get)->reset();
  if (withdraws) withdraw_last();
  if (!is_ending_) start_later();
}

void DatabaseExchange::withdraw(std::size_t batch) {
  if (batch >= live_.size() || live_[batch] == nullptr) return;
  conversation_.withdraw(*live_[batch]);
  live_[batch]->outcome().is_withdrawn = true;
  live_[batch].reset();
}

void DatabaseExchange::withdraw_last() {
  for (std::size_t i = live_.size(); i-- > 0;) {
    if (live_[i] != nullptr) return withdraw(i);
  }
}

void DatabaseExchange::receive(std::string_view bytes) {
  pending_.append(bytes);
  const ExactBytes memory(pending_);
  const bool was_broken = !conversation_.fault().empty();
  const std::size_t taken = conversation_.receive(memory.view());
  require(taken <= pending_.size(), "no more is taken than has come");
  require(!was_broken || taken == 0, "nothing is taken after a fault");
  pending_.erase(0, taken);
  taken_ += taken;
}

void DatabaseExchange::play(std::string_view bytes, PieceSizes pieces, std::string_view withdrawals) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min(std::max<std::size_t>(pieces.next(), 1), bytes.size() - at);
    receive(bytes.substr(at, size));
    at += size;
    if (withdrawals.empty()) continue;
    withdraw(digit(withdrawals.front()));
    withdrawals.remove_prefix(1);
  }
  end();
}

void DatabaseExchange::end() {
  is_ending_ = true;
  conversation_.fail_all(std::make_exception_ptr(DatabaseError("08006", "lost")));
  require(conversation_.load() == 0, "nothing is left after the end");
  require(std::ranges::all_of(outcomes_,
                              [](const PlannedBatch& batch) { return batch.is_done != batch.is_withdrawn; }),
          "every batch is done or withdrawn");
  sent_ += conversation_.output().bytes();
  conversation_.output().clear();
}

std::string DatabaseExchange::course() const {
  std::string course = sent_ + '\n' + conversation_.fault() + '\n' + sqlstate_of(conversation_.farewell()) +
                       '\n' + std::to_string(taken_) + '\n';
  for (const PlannedBatch& batch : outcomes_) {
    for (std::size_t i = 0; i < batch.sqlstates.size(); ++i) {
      const data::Result& result = batch.queries[i].result;
      course += batch.sqlstates[i] + ' ' + std::to_string(result.rows) + ' ' +
                std::to_string(result.affected) + ' ' + std::string(result.values.bytes()) + '\n';
    }
  }
  return course;
}

}  // namespace chopin::fuzz
