#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/rows.hpp"
#include "data/batch.hpp"
#include "data/postgres/conversation.hpp"
#include "pieces.hpp"

namespace chopin::fuzz {

/// The head of an input of the target `conversation`, in lines:
///
///   '0' for named statements, '1' for unnamed ones, then a letter for each batch, see `batch_kinds`. After a
///       '+' they are started one by one, when others are done. A capital letter stands for the same batch,
///       which withdraws the one started last when it is done.
///   the sizes of the pieces in which the server's bytes arrive, see PieceSizes; empty: whole
///   the batches that are withdrawn after each piece: '0' is the first, ' ' none
struct ExchangePlan {
  data::postgres::Conversation::Statements statements{};
  std::string_view batches;
  std::string_view started_later;
  std::string_view pieces;
  std::string_view withdrawals;
};

/// Removes the head from the front of `input`. False if it has none.
bool read_plan(std::string_view& input, ExchangePlan& plan);

/// One for each letter from 'a' on; any other character stands for the first.
struct BatchKind {
  std::vector<const data::StatementInfo*> statements;
  Together together;
};
const BatchKind& batch_kind(char letter);

/// Puts the parameters of a statement that is used here into the query.
data::Query query_with_parameters(const data::StatementInfo& statement);

/// A batch and what has become of it.
struct PlannedBatch {
  const BatchKind* kind = nullptr;
  bool is_done = false;
  bool is_withdrawn = false;
  bool is_final = false;                 ///< failed by Conversation::fail_all
  std::vector<data::Query> queries{};    ///< with their results
  std::vector<std::string> sqlstates{};  ///< of their errors, empty where there is none
};

/// Holds the conversation that is planned with a server that sends given bytes.
class DatabaseExchange {
 public:
  explicit DatabaseExchange(const ExchangePlan& plan);
  ~DatabaseExchange();
  DatabaseExchange(const DatabaseExchange&) = delete;
  DatabaseExchange& operator=(const DatabaseExchange&) = delete;

  /// The server's bytes, then the end of the connection.
  void play(std::string_view bytes, PieceSizes pieces, std::string_view withdrawals);

  [[nodiscard]] const std::deque<PlannedBatch>& batches() const noexcept { return outcomes_; }
  /// What was sent and how each batch ended, to be compared.
  [[nodiscard]] std::string course() const;
  [[nodiscard]] const std::string& fault() const noexcept { return conversation_.fault(); }
  /// How many of the server's bytes were taken.
  [[nodiscard]] std::size_t taken() const noexcept { return taken_; }
  /// What was sent, once it has ended.
  [[nodiscard]] const std::string& sent() const noexcept { return sent_; }

 private:
  class Live;

  void receive(std::string_view bytes);
  void withdraw(std::size_t batch);
  void end();
  void start(char letter);
  void start_later();
  void on_done(Live& batch);
  void withdraw_last();

  ExchangePlan plan_;
  data::postgres::Conversation conversation_;
  std::deque<PlannedBatch> outcomes_;
  std::vector<std::unique_ptr<Live>> live_;
  std::string pending_;
  std::string sent_;
  std::size_t taken_ = 0;
  bool is_ending_ = false;
};

}  // namespace chopin::fuzz
