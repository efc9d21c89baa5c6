#include "data/postgres/conversation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/database_error.hpp"
#include "server_messages.hpp"
#include "spoken.hpp"
#include "test_batch.hpp"

namespace chopin::data::postgres {
namespace {

using enum Conversation::Statements;

const StatementInfo find_text("SELECT 'a'", "", {}, {Type::text}, false, false);
const StatementInfo change("UPDATE items SET n = 1", "", {}, {}, false, false);

std::string name_of(const StatementInfo& statement) {
  return with_nul("c" + std::to_string(statement.id));
}

TEST(Conversation, prepares_a_statement_and_sends_the_batch_when_that_is_confirmed) {
  Spoken spoken;
  TestBatch batch({&one_number});
  spoken->start(batch);
  EXPECT_EQ(spoken.sent(), message_of('C', "S" + name_of(one_number)) +
                               message_of('P', name_of(one_number) + with_nul("SELECT 1") + big16(0)) +
                               message_of('D', "S" + name_of(one_number)) + message_of('S', ""));
  spoken.hear(Spoken::prepared(number_column));
  EXPECT_EQ(batch.done, 0);
  EXPECT_EQ(spoken.sent(),
            message_of('B', with_nul("") + name_of(one_number) + big16(0) + big16(0) + big16(1) + big16(1)) +
                message_of('E', with_nul("") + big32(0)) + message_of('S', ""));
  EXPECT_EQ(spoken->load(), 1U);
  spoken.hear(found(7));
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.error(), "");
  EXPECT_EQ(batch.result().rows, 1U);
  EXPECT_EQ(batch.result().affected, 1U);
  EXPECT_EQ(batch.result().values.bytes(), value_of(big32(7)));
  EXPECT_EQ(spoken->load(), 0U);
}

TEST(Conversation, prepares_a_statement_once) {
  Spoken spoken;
  TestBatch first({&one_number});
  TestBatch second({&one_number, &one_number});
  spoken->start(first);
  spoken->start(second);
  EXPECT_EQ(spoken.sent_types(), "CPDS");
  spoken.hear(Spoken::prepared(number_column));
  EXPECT_EQ(spoken.sent_types(), "BESBESBES");
  TestBatch third({&one_number});
  spoken->start(third);
  EXPECT_EQ(spoken.sent_types(), "BES");
}

TEST(Conversation, sends_a_batch_when_all_its_statements_are_prepared) {
  Spoken spoken;
  TestBatch batch({&one_number, &change});
  spoken->start(batch);
  EXPECT_EQ(spoken.sent_types(), "CPDSCPDS");
  spoken.hear(Spoken::prepared(number_column));
  EXPECT_EQ(spoken.sent_types(), "");
  spoken.hear(Spoken::prepared(no_data()));
  EXPECT_EQ(spoken.sent_types(), "BESBES");
  spoken.hear(found(1) + changed(3));
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.result(1).affected, 3U);
}

TEST(Conversation, completes_batches_in_the_order_in_which_they_were_sent) {
  Spoken spoken;
  spoken.prepare(one_number, number_column);
  std::array<std::optional<TestBatch>, 40> many;  // more than there is room for at first
  std::string order;
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].emplace(std::initializer_list<const StatementInfo*>{&one_number});
    many[i]->then = [&order, i] { order += std::to_string(i) + ' '; };
    spoken->start(*many[i]);
  }
  EXPECT_EQ(spoken->load(), many.size());
  std::string expected;
  for (std::size_t i = 0; i < many.size(); ++i) {
    spoken.hear(found(static_cast<std::uint32_t>(i)));
    expected += std::to_string(i) + ' ';
    EXPECT_EQ(order, expected);
    EXPECT_EQ(many[i]->result().values.bytes(), value_of(big32(i)));
  }
  EXPECT_EQ(spoken->load(), 0U);
}

TEST(Conversation, sends_one_sync_for_a_batch_that_stands_together) {
  Spoken spoken;
  spoken.prepare(one_number, number_column);
  spoken.prepare(change, no_data());
  TestBatch batch({&one_number, &change, &one_number}, Together::yes);
  spoken->start(batch);
  EXPECT_EQ(spoken.sent_types(), "BEBEBES");
  spoken.hear(bind_complete() + number_row(1) + complete("SELECT 1") + bind_complete() +
              complete("UPDATE 2") + bind_complete() + number_row(3) + number_row(4) + complete("SELECT 2"));
  EXPECT_EQ(batch.done, 0);
  spoken.hear(ready());
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.result(0).values.bytes(), value_of(big32(1)));
  EXPECT_EQ(batch.result(1).affected, 2U);
  EXPECT_EQ(batch.result(2).rows, 2U);
}

TEST(Conversation, sends_the_statement_with_each_execution_where_it_is_unnamed) {
  Spoken spoken(unnamed);
  TestBatch batch({&one_number, &change});
  spoken->start(batch);
  EXPECT_EQ(spoken.sent(),
            message_of('P', with_nul("") + with_nul("SELECT 1") + big16(0)) +
                message_of('B', with_nul("") + with_nul("") + big16(0) + big16(0) + big16(1) + big16(1)) +
                message_of('D', "P" + with_nul("")) + message_of('E', with_nul("") + big32(0)) +
                message_of('S', "") + message_of('P', with_nul("") + with_nul(change.postgres) + big16(0)) +
                message_of('B', with_nul("") + with_nul("") + big16(0) + big16(0) + big16(0)) +
                message_of('D', "P" + with_nul("")) + message_of('E', with_nul("") + big32(0)) +
                message_of('S', ""));
  const std::string begun = parse_complete() + bind_complete();
  spoken.hear(begun + number_column + number_row(5) + complete("SELECT 1") + ready() + begun + no_data() +
              complete("UPDATE 1") + ready());
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.result(0).values.bytes(), value_of(big32(5)));
  EXPECT_EQ(batch.result(1).affected, 1U);
}

TEST(Conversation, takes_null_and_rows_without_columns_and_results_without_rows) {
  Spoken spoken;
  spoken.prepare(find_text, text_column);
  spoken.prepare(change, no_data());
  TestBatch batch({&find_text, &find_text, &change});
  spoken->start(batch);
  spoken.hear(bind_complete() + row({std::nullopt}) + row({""}) + complete("SELECT 2") + ready() +
              bind_complete() + complete("SELECT 0") + ready() + bind_complete() + row({}) + row({}) +
              complete("SELECT 2") + ready());
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.result(0).values.bytes(), value_of(std::nullopt) + value_of(""));
  EXPECT_EQ(batch.result(0).rows, 2U);
  EXPECT_EQ(batch.result(1).rows, 0U);
  EXPECT_EQ(batch.result(2).rows, 2U);
}

TEST(Conversation, takes_a_statement_without_text) {
  Spoken spoken;
  spoken.prepare(change, no_data());
  TestBatch batch({&change});
  spoken->start(batch);
  spoken.hear(bind_complete() + message_of('I', "") + ready());
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.error(), "");
  EXPECT_EQ(batch.result().affected, 0U);
}

TEST(Conversation, takes_notices_settings_and_notifications_at_any_time) {
  const std::string asides = message_of('N', "SNOTICE" + with_nul("") + with_nul("")) +
                             message_of('S', with_nul("TimeZone") + with_nul("UTC")) +
                             message_of('A', big32(7) + with_nul("channel") + with_nul(""));
  Spoken spoken;
  spoken.hear(asides);
  TestBatch batch({&one_number});
  spoken->start(batch);
  spoken.hear(asides + close_complete() + asides + parse_complete() + asides + parameter_description({}) +
              asides + number_column + asides + ready() + asides + bind_complete() + asides + number_row(1) +
              asides + complete("SELECT 1") + asides + ready() + asides);
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.result().rows, 1U);
}

TEST(Conversation, says_whether_a_transaction_is_open) {
  Spoken spoken;
  spoken.prepare(change, no_data());
  EXPECT_FALSE(spoken->is_in_transaction());
  for (const char state : {'T', 'E', 'I'}) {
    TestBatch batch({&change});
    spoken->start(batch);
    spoken.hear(bind_complete() + complete("BEGIN") + ready(state));
    EXPECT_EQ(spoken->is_in_transaction(), state != 'I');
  }
}

/// All that was sent, and how batches ended, when the server's bytes come in two parts.
std::string course_of(const std::string& bytes, std::size_t first_part, Conversation::Statements statements) {
  Spoken spoken(statements);
  TestBatch first({&one_number, &change}, Together::yes);
  TestBatch second({&one_number});
  spoken->start(first);
  spoken->start(second);
  std::string course;
  const auto describe = [&](const char* name, const TestBatch& batch) {
    course += name;
    for (std::size_t i = 0; i < batch.queries().size(); ++i) {
      course += batch.error(i) + ' ' + std::string(batch.result(i).values.bytes()) +
                std::to_string(batch.result(i).affected) + ';';
    }
  };
  first.then = [&] { describe("first ", first); };
  second.then = [&] { describe("second ", second); };
  const std::size_t taken = spoken->receive(std::string_view(bytes).substr(0, first_part));
  EXPECT_LE(taken, first_part);
  EXPECT_EQ(spoken->receive(std::string_view(bytes).substr(taken)), bytes.size() - taken);
  EXPECT_EQ(spoken->fault(), "");
  EXPECT_EQ(first.done + second.done, 2);
  return course + spoken.sent();
}

TEST(Conversation, does_not_depend_on_how_messages_are_cut) {
  const std::string begun = parse_complete() + bind_complete();
  const std::string row_and_end = number_row(1) + complete("SELECT 1");
  // The second batch is sent first: it needs only the first statement.
  const std::string named_bytes = Spoken::prepared(number_column) + Spoken::prepared(no_data()) + found(2) +
                                  bind_complete() + row_and_end + bind_complete() + complete("UPDATE 1") +
                                  error_response("23503") + ready();
  const std::string unnamed_bytes = begun + number_column + row_and_end + begun + no_data() +
                                    complete("UPDATE 1") + ready() + begun + number_column + row_and_end +
                                    ready();
  for (const auto& [bytes, statements] :
       {std::pair{&named_bytes, named}, std::pair{&unnamed_bytes, unnamed}}) {
    const std::string whole = course_of(*bytes, bytes->size(), statements);
    for (std::size_t cut = 0; cut < bytes->size(); ++cut) {
      EXPECT_EQ(course_of(*bytes, cut, statements), whole) << cut;
    }
  }
}

TEST(Conversation, drops_rows_over_the_bound_on_a_result) {
  Spoken spoken;
  spoken.prepare(find_text, text_column);
  TestBatch batch({&find_text, &find_text});
  spoken->start(batch);
  const std::string large = row({std::string(Conversation::most_in_result / 4, 'a')});
  spoken.hear(bind_complete());
  for (int i = 0; i < 5; ++i) spoken.hear(large);
  spoken.hear(complete("SELECT 5") + ready() + bind_complete() + row({"b"}) + complete("SELECT 1") + ready());
  EXPECT_EQ(batch.error(0), "54000");
  EXPECT_LE(batch.result(0).values.size(), Conversation::most_in_result);
  EXPECT_EQ(batch.error(1), "");
  EXPECT_EQ(batch.result(1).rows, 1U);
}

TEST(Conversation, keeps_complete_results_when_the_connection_is_lost_unless_the_batch_stands_together) {
  for (const Together together : {Together::no, Together::yes}) {
    Spoken spoken;
    spoken.prepare(change, no_data());
    TestBatch batch({&change, &change, &change}, together);
    spoken->start(batch);
    const std::string end = together == Together::no ? ready() : "";
    spoken.hear(bind_complete() + complete("UPDATE 1") + end + bind_complete() + complete("UPDATE 1"));
    spoken->fail_all(std::make_exception_ptr(DatabaseError("08006", "lost")));
    EXPECT_EQ(batch.done, 1);
    EXPECT_EQ(batch.error(0), together == Together::no ? "" : "08006");
    EXPECT_EQ(batch.error(1), "08006");  // may be undone at the Sync
    EXPECT_EQ(batch.error(2), "08006");
  }
}

}  // namespace
}  // namespace chopin::data::postgres
