#include "data/postgres/conversation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "chopin/database_error.hpp"

namespace chopin::data::postgres {
namespace {

/// The name of a prepared statement.
class StatementName {
 public:
  explicit StatementName(const StatementInfo& statement) noexcept {
    text_[0] = 'c';
    end_ = std::to_chars(text_.data() + 1, text_.data() + text_.size(), statement.id).ptr;
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), end_}; }

 private:
  std::array<char, 12> text_{};
  char* end_;
};

}  // namespace

Conversation::~Conversation() {
  for (const Expected& expected : expected_) {
    if (expected.batch != nullptr && expected.ends_batch) unprepared_.push_back(*expected.batch);
  }
  discard_all(unprepared_);
}

void Conversation::start(Batch& batch) {
  ++load_;
  batch.note_holder(this);
  if (statements_ == Statements::unnamed || is_prepared(batch)) return send(batch);
  unprepared_.push_back(batch);
  prepare(batch);
}

void Conversation::withdraw(Batch& batch) noexcept {
  if (!batch.is_held_by(this)) return;
  batch.note_holder(nullptr);
  if (batch.is_linked()) {
    batch.unlink();
    --load_;
    return;
  }
  for (Expected& expected : expected_) {
    if (expected.batch == &batch) expected.batch = nullptr;
  }
}

bool Conversation::is_prepared(const Batch& batch) const noexcept {
  return std::ranges::all_of(batch.queries(), [this](const Query& query) {
    return query.statement->id < preparations_.size() &&
           preparations_[query.statement->id] == Preparation::done;
  });
}

/// Each statement with a Sync of its own, so that one that is refused refuses no other. A Close before it,
/// because the server may still know an older form of it.
void Conversation::prepare(const Batch& batch) {
  for (const Query& query : batch.queries()) {
    const StatementInfo& statement = *query.statement;
    if (preparations_.size() <= statement.id) preparations_.resize(statement.id + 1, Preparation::none);
    Preparation& preparation = preparations_[statement.id];
    if (preparation != Preparation::none) continue;
    preparation = Preparation::asked;
    const StatementName name(statement);
    append_close_statement(output_, name.text());
    append_parse(output_, name.text(), statement);
    append_describe_statement(output_, name.text());
    append_sync(output_);
    expect({.statement = &statement,
            .batch = nullptr,
            .query = 0,
            .is_preparation = true,
            .ends_group = true,
            .ends_batch = false});
  }
}

void Conversation::send(Batch& batch) {
  const std::span<Query> queries = batch.queries();
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const StatementInfo& statement = *queries[i].statement;
    const bool is_last = i + 1 == queries.size();
    if (statements_ == Statements::unnamed) {
      append_parse(output_, "", statement);
      append_bind(output_, "", statement, queries[i].parameters.bytes());
      append_describe_portal(output_);
    } else {
      append_bind(output_, StatementName(statement).text(), statement, queries[i].parameters.bytes());
    }
    append_execute(output_);
    const bool ends_group = is_last || batch.together() == Together::no;
    if (ends_group) append_sync(output_);
    expect({.statement = &statement,
            .batch = &batch,
            .query = i,
            .is_preparation = false,
            .ends_group = ends_group,
            .ends_batch = is_last});
  }
}

void Conversation::expect(const Expected& expected) {
  if (expected_.full()) expected_.set_capacity(expected_.capacity() * 2);
  expected_.push_back(expected);
}

/// In a batch that stands together all queries fail with the first error. A statement that the server does
/// not know any more, or whose columns have changed, is prepared again next time.
void Conversation::fail_query(const Expected& expected) noexcept {
  try {
    std::rethrow_exception(error_);
  } catch (const DatabaseError& error) {
    const bool is_outdated = error.sqlstate() == "26000" || error.sqlstate() == "0A000";
    if (is_outdated && statements_ == Statements::named) {
      preparations_[expected.statement->id] = Preparation::none;
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): what else went wrong leaves the statement as it is
  }
  if (expected.batch == nullptr) return;
  if (expected.batch->together() == Together::yes) return expected.batch->fail(error_);
  expected.batch->queries()[expected.query].error = error_;
}

/// Queries of which the server has said that they are done keep their results.
void Conversation::fail_all(const std::exception_ptr& error) noexcept {
  BatchList failed;
  failed.swap(unprepared_);
  for (Batch& batch : failed) batch.fail(error);
  error_ = error;
  for (const Expected& expected : expected_) {
    if (!expected.is_preparation) fail_query(expected);
    if (expected.batch != nullptr && expected.ends_batch) failed.push_back(*expected.batch);
  }
  error_ = nullptr;
  expected_.clear();
  begin_next();
  load_ = failed.size();
  complete(failed);
}

/// `on_done` may withdraw others of them.
void Conversation::complete(BatchList& failed) noexcept {
  while (!failed.empty()) {
    Batch& batch = failed.front();
    failed.pop_front();
    --load_;
    batch.on_done();
  }
}

void Conversation::begin_next() noexcept {
  step_ = Step::begun;
  in_prologue_ = 0;
}

}  // namespace chopin::data::postgres
