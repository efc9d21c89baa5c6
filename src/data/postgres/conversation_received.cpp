// The part of Conversation that reads what the server says.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "chopin/database_error.hpp"
#include "data/postgres/conversation.hpp"

namespace chopin::data::postgres {
namespace {

std::exception_ptr error_of(std::string_view sqlstate, std::string detail) {
  return std::make_exception_ptr(DatabaseError(sqlstate, std::move(detail)));
}

}  // namespace

std::size_t Conversation::receive(std::string_view bytes) {
  std::size_t taken = 0;
  while (fault_.empty()) {
    bool is_malformed = false;
    const auto message = first_message(bytes.substr(taken), is_malformed);
    if (!message) {
      if (is_malformed) refuse("a message has an impossible length");
      break;
    }
    taken += message->body.size() + 5;
    handle(*message);
  }
  return taken;
}

void Conversation::handle(const Message& message) {
  if (!is_well_formed(message)) {
    return refuse(
        fmt::format("a message of the type 0x{:02x} is malformed", static_cast<unsigned char>(message.type)));
  }
  switch (message.type) {
    case 'D': return on_row(message.body);
    case 'C': return on_complete(message.body);
    case 'Z': return on_ready(message.body);
    case 'I':  // EmptyQueryResponse
      return on_complete(std::string_view("\0", 1));
    case 'E': return on_error(message.body);
    case '1':  // ParseComplete
    case '2':  // BindComplete
    case '3':  // CloseComplete
    case 't':  // ParameterDescription
      if (!is_next(message.type)) break;
      return on_prologue();
    case 'T':  // RowDescription
      if (!is_next('T')) break;
      return on_description(message.body);
    case 'n':  // NoData
      if (!is_next('T')) break;
      return on_no_data();
    case 'N':  // NoticeResponse
    case 'S':  // ParameterStatus
    case 'A':  // NotificationResponse
      return;
    default: break;
  }
  refuse(fmt::format("a message of the type 0x{:02x} came when none was expected",
                     static_cast<unsigned char>(message.type)));
}

/// The types of the messages that come before the rows, in this order; NoData may stand for 'T'.
std::string_view Conversation::prologue() const noexcept {
  if (expected_.front().is_preparation) return "31tT";
  return statements_ == Statements::unnamed ? "12T" : "2";
}

bool Conversation::is_next(char type) const noexcept {
  return !expected_.empty() && step_ == Step::begun && prologue()[in_prologue_] == type;
}

void Conversation::on_prologue() {
  if (++in_prologue_ < prologue().size()) return;
  step_ = Step::executed;
  columns_ = expected_.front().statement->columns.size();
}

void Conversation::on_description(std::string_view body) {
  auto columns = read_columns(body, *expected_.front().statement);
  if (!columns) return refuse("a RowDescription is malformed");
  if (!columns->fault.empty() && error_ == nullptr) error_ = error_of("42804", std::move(columns->fault));
  step_ = expected_.front().is_preparation ? Step::complete : Step::executed;
  columns_ = columns->count;
}

void Conversation::on_no_data() {
  const Expected& expected = expected_.front();
  if (!expected.statement->columns.empty() && error_ == nullptr) {
    error_ = error_of("42804", "it returns no columns");
  }
  step_ = expected.is_preparation ? Step::complete : Step::executed_without_rows;
}

void Conversation::on_row(std::string_view body) {
  if (expected_.empty() || step_ != Step::executed) return refuse("a row came when none was expected");
  const auto values = read_row(body, columns_);
  if (!values) return refuse("a DataRow is malformed");
  Query* const query = current_query();
  if (query == nullptr || error_ != nullptr) return;
  Result& result = query->result;
  if (result.values.size() + values->size() > most_in_result) {
    error_ = error_of("54000", fmt::format("the result has more than {} bytes", most_in_result));
    return;
  }
  result.values.append(*values);
  ++result.rows;
}

void Conversation::on_complete(std::string_view body) {
  const auto affected = read_affected(body);
  const bool is_executed = step_ == Step::executed || step_ == Step::executed_without_rows;
  if (expected_.empty() || !is_executed || !affected) {
    return refuse("a CommandComplete is malformed, or came when none was expected");
  }
  if (Query* const query = current_query(); query != nullptr) query->result.affected = *affected;
  if (expected_.front().ends_group) {
    step_ = Step::complete;
    return;
  }
  if (error_ != nullptr) fail_query(expected_.front());
  expected_.pop_front();
  begin_next();
}

/// After an error the server skips everything up to the next Sync. One that comes without a request, or is
/// fatal, is the last message of a connection.
void Conversation::on_error(std::string_view body) {
  const auto fault = read_fault(body);
  if (!fault || fault->sqlstate.size() != 5) return refuse("an ErrorResponse is malformed");
  std::string text(fault->message);
  if (!fault->detail.empty()) text.append(": ").append(fault->detail);
  const std::exception_ptr error = error_of(fault->sqlstate, std::move(text));
  if (fault->severity == "FATAL" || fault->severity == "PANIC") farewell_ = error;
  if (expected_.empty()) {
    farewell_ = error;
    return;
  }
  if (step_ == Step::failed) return refuse("a second error came before the end of the group");
  error_ = error;
  step_ = Step::failed;
}

void Conversation::on_ready(std::string_view body) {
  const bool is_known = body == "I" || body == "T" || body == "E";
  if (expected_.empty() || !is_known || (step_ != Step::complete && step_ != Step::failed)) {
    return refuse("a ReadyForQuery is malformed, or came when none was expected");
  }
  transaction_ = body.front();
  end_group();
}

/// Completes what the Sync ends. `on_done` comes last, because it may start and withdraw other batches.
void Conversation::end_group() {
  Expected last = expected_.front();
  while (true) {
    if (error_ != nullptr) fail_query(last);
    expected_.pop_front();
    if (last.ends_group) break;
    last = expected_.front();
  }
  begin_next();
  if (last.is_preparation) return end_preparation(*last.statement);
  error_ = nullptr;
  if (!last.ends_batch) return;
  --load_;
  if (last.batch != nullptr) last.batch->on_done();
}

/// If the statement was refused, the batches that need it fail. The next one tries again. Another statement
/// of a batch may have become outdated meanwhile.
void Conversation::end_preparation(const StatementInfo& statement) {
  const std::exception_ptr error = std::exchange(error_, nullptr);
  preparations_[statement.id] = error == nullptr ? Preparation::done : Preparation::none;
  BatchList failed;
  for (auto each = unprepared_.begin(); each != unprepared_.end();) {
    Batch& batch = *each++;
    const bool needs_it = std::ranges::any_of(
        batch.queries(), [&](const Query& query) { return query.statement == &statement; });
    if (!needs_it) continue;
    if (error == nullptr && !is_prepared(batch)) {
      prepare(batch);
      continue;
    }
    batch.unlink();
    if (error == nullptr) {
      send(batch);
    } else {
      failed.push_back(batch);
    }
  }
  for (Batch& batch : failed) batch.fail(error);
  complete(failed);
}

Query* Conversation::current_query() const noexcept {
  const Expected& expected = expected_.front();
  return expected.batch == nullptr ? nullptr : &expected.batch->queries()[expected.query];
}

void Conversation::refuse(std::string_view why) {
  if (fault_.empty()) fault_ = why;
}

}  // namespace chopin::data::postgres
