// How a Conversation treats errors, and batches that are withdrawn.
#include <cstddef>
#include <exception>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/database_error.hpp"
#include "data/postgres/conversation.hpp"
#include "server_messages.hpp"
#include "spoken.hpp"
#include "test_batch.hpp"

namespace chopin::data::postgres {
namespace {

using enum Conversation::Statements;

const StatementInfo update("UPDATE items SET n = 1", "", {}, {}, false, false);

std::string state_of(const std::exception_ptr& error) {
  if (error == nullptr) return "";
  try {
    std::rethrow_exception(error);
  } catch (const DatabaseError& known) {
    return std::string(known.sqlstate());
  }
}

std::exception_ptr lost() {
  return std::make_exception_ptr(DatabaseError("08006", "lost"));
}

TEST(ConversationErrors, fail_one_query_where_each_stands_alone) {
  Spoken spoken;
  spoken.prepare(one_number, number_column);
  TestBatch batch({&one_number, &one_number, &one_number});
  spoken->start(batch);
  spoken.hear(found(1) + error_response("22012") + ready() + bind_complete() + number_row(3));
  spoken.hear(error_response("57014", "too slow") + ready());
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.error(0), "");
  EXPECT_EQ(batch.result(0).rows, 1U);
  EXPECT_EQ(batch.error(1), "22012");
  EXPECT_EQ(batch.error(2), "57014");
  EXPECT_EQ(batch.detail(2), "too slow");
  EXPECT_EQ(spoken->load(), 0U);
}

TEST(ConversationErrors, fail_all_queries_of_a_batch_that_stands_together) {
  Spoken spoken;
  spoken.prepare(one_number, number_column);
  TestBatch batch({&one_number, &one_number, &one_number}, Together::yes);
  TestBatch next({&one_number});
  spoken->start(batch);
  spoken->start(next);
  spoken.hear(bind_complete() + number_row(1) + complete("SELECT 1") + bind_complete() +
              error_response("22012"));
  EXPECT_EQ(batch.done, 0);
  spoken.hear(ready());
  EXPECT_EQ(batch.done, 1);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(batch.error(i), "22012") << i;
  spoken.hear(found(2));
  EXPECT_EQ(next.error(), "");
  EXPECT_EQ(next.result().rows, 1U);
}

TEST(ConversationErrors, may_come_after_the_last_statement_is_complete) {
  for (const Together together : {Together::no, Together::yes}) {
    Spoken spoken;
    spoken.prepare(update, no_data());
    TestBatch batch({&update}, together);
    spoken->start(batch);
    // A deferred constraint is checked at the Sync.
    spoken.hear(bind_complete() + complete("UPDATE 1") + error_response("23503") + ready());
    EXPECT_EQ(batch.done, 1);
    EXPECT_EQ(batch.error(), "23503");
    EXPECT_EQ(spoken->fault(), "");
  }
}

TEST(ConversationErrors, have_the_servers_message_and_its_detail) {
  Spoken spoken;
  spoken.prepare(update, no_data());
  TestBatch batch({&update});
  spoken->start(batch);
  spoken.hear(message_of('E', "C23505" + with_nul("") + "Mduplicate" + with_nul("") + "DKey (id)=(1)" +
                                  with_nul("") + with_nul("")) +
              ready());
  EXPECT_EQ(batch.detail(), "duplicate: Key (id)=(1)");
}

TEST(ConversationErrors, of_a_statement_fail_the_batches_that_need_it_and_the_next_tries_again) {
  Spoken spoken;
  TestBatch bad({&one_number});
  TestBatch mixed({&update, &one_number});
  TestBatch good({&update});
  spoken->start(bad);
  spoken->start(mixed);
  spoken->start(good);
  spoken.sent();
  spoken.hear(close_complete() + error_response("42P01") + ready());
  EXPECT_EQ(bad.error(), "42P01");
  EXPECT_EQ(mixed.error(0), "42P01");
  EXPECT_EQ(mixed.error(1), "42P01");
  EXPECT_EQ(good.done, 0);
  spoken.hear(Spoken::prepared(no_data()));
  EXPECT_EQ(spoken.sent_types(), "BES");
  spoken.hear(changed(1));
  EXPECT_EQ(good.error(), "");
  TestBatch again({&one_number});
  spoken->start(again);
  EXPECT_EQ(spoken.sent_types(), "CPDS");
  spoken.hear(Spoken::prepared(number_column));
  spoken.hear(found(1));
  EXPECT_EQ(again.error(), "");
}

TEST(ConversationErrors, say_that_a_statement_must_be_prepared_again) {
  for (const auto& [sqlstate, times] : {std::pair{"26000", 1}, {"0A000", 1}, {"22012", 0}}) {
    Spoken spoken;
    spoken.prepare(one_number, number_column);
    TestBatch outdated({&one_number});
    spoken->start(outdated);
    spoken.hear(error_response(sqlstate) + ready());
    EXPECT_EQ(outdated.error(), sqlstate);
    spoken.sent();
    TestBatch next({&one_number});
    spoken->start(next);
    EXPECT_EQ(spoken.sent_types(), times == 1 ? "CPDS" : "BES") << sqlstate;
  }
}

TEST(ConversationErrors, that_outdate_a_statement_leave_no_batch_waiting_for_it) {
  Spoken spoken;
  spoken.prepare(one_number, number_column);
  TestBatch outdated({&one_number});
  TestBatch mixed({&one_number, &update});
  spoken->start(outdated);
  spoken->start(mixed);  // waits for the second statement alone
  EXPECT_EQ(spoken.sent_types(), "BESCPDS");
  spoken.hear(error_response("26000") + ready() + Spoken::prepared(no_data()));
  EXPECT_EQ(spoken.sent_types(), "CPDS");
  spoken.hear(Spoken::prepared(number_column));
  EXPECT_EQ(spoken.sent_types(), "BESBES");
  spoken.hear(found(1) + changed(1));
  EXPECT_EQ(mixed.done, 1);
}

TEST(ConversationErrors, name_the_column_that_is_not_as_declared) {
  Spoken spoken;
  TestBatch batch({&one_number});
  spoken->start(batch);
  spoken.hear(Spoken::prepared(row_description({{"name", 25}})));
  EXPECT_EQ(batch.error(), "42804");
  EXPECT_EQ(batch.detail(), "column 1 (name) is of the type with OID 25, and is declared as std::int32_t");
  TestBatch none({&one_number});
  spoken->start(none);
  spoken.hear(Spoken::prepared(no_data()));
  EXPECT_EQ(none.error(), "42804");
  EXPECT_EQ(none.detail(), "it returns no columns");
  EXPECT_EQ(spoken->fault(), "");
}

TEST(ConversationErrors, of_columns_leave_other_batches_alone_where_statements_are_unnamed) {
  const std::string begun = parse_complete() + bind_complete();
  for (const std::string& wrong :
       {row_description({{"a", 23}, {"b", 23}}) + row({big32(1), big32(2)}) + complete("SELECT 1"),
        row_description({{"a", 25}}) + row({"abc"}) + complete("SELECT 1"),
        no_data() + complete("UPDATE 1")}) {
    Spoken spoken(unnamed);
    TestBatch batch({&one_number});
    TestBatch next({&one_number});
    spoken->start(batch);
    spoken->start(next);
    spoken.hear(begun + wrong + ready() + begun + number_column + number_row(1) + complete("SELECT 1") +
                ready());
    EXPECT_EQ(spoken->fault(), "");
    EXPECT_EQ(batch.error(), "42804");
    EXPECT_EQ(next.error(), "");
  }
}

TEST(ConversationErrors, with_which_the_server_ends_the_connection_are_kept) {
  Spoken spoken;
  spoken.prepare(one_number, number_column);
  EXPECT_EQ(spoken->farewell(), nullptr);
  TestBatch batch({&one_number});
  spoken->start(batch);
  spoken.hear(bind_complete() + error_response("25P03", "idle for too long", "FATAL"));
  EXPECT_EQ(state_of(spoken->farewell()), "25P03");
  EXPECT_EQ(batch.done, 0);
  spoken->fail_all(spoken->farewell());
  EXPECT_EQ(batch.done, 1);
  EXPECT_EQ(batch.error(), "25P03");
}

TEST(ConversationErrors, that_nobody_asked_for_end_the_connection) {
  Spoken spoken;
  spoken.hear(error_response("25P03", "idle", "FATAL"));
  EXPECT_EQ(state_of(spoken->farewell()), "25P03");
  EXPECT_EQ(spoken->fault(), "");
}

TEST(ConversationErrors, of_one_query_end_no_connection) {
  Spoken spoken;
  spoken.prepare(update, no_data());
  TestBatch batch({&update});
  spoken->start(batch);
  spoken.hear(error_response("57014") + ready());
  EXPECT_EQ(spoken->farewell(), nullptr);
}

TEST(Withdrawing, a_batch_that_is_not_prepared_forgets_it) {
  Spoken spoken;
  TestBatch batch({&one_number});
  spoken->start(batch);
  spoken->withdraw(batch);
  EXPECT_EQ(spoken->load(), 0U);
  spoken.sent();
  spoken.hear(Spoken::prepared(number_column));
  EXPECT_EQ(spoken.sent(), "");
  EXPECT_EQ(batch.done, 0);
}

TEST(Withdrawing, a_batch_in_flight_drops_its_response) {
  for (const Together together : {Together::no, Together::yes}) {
    Spoken spoken;
    spoken.prepare(one_number, number_column);
    TestBatch next({&one_number});
    {
      TestBatch batch({&one_number, &one_number}, together);
      spoken->start(batch);
      spoken->start(next);
      spoken.hear(bind_complete() + number_row(1));
      spoken->withdraw(batch);
      EXPECT_EQ(spoken->load(), 2U);  // the server is still at it
    }
    spoken.hear(number_row(2) + complete("SELECT 2") + (together == Together::no ? ready() : ""));
    spoken.hear(error_response("22012") + ready());
    EXPECT_EQ(spoken->load(), 1U);
    spoken.hear(found(3));
    EXPECT_EQ(next.error(), "");
    EXPECT_EQ(next.result().values.bytes(), value_of(big32(3)));
  }
}

TEST(Withdrawing, another_batch_is_possible_when_one_is_done) {
  for (const bool fails : {false, true}) {
    Spoken spoken;
    spoken.prepare(one_number, number_column);
    TestBatch first({&one_number});
    TestBatch in_flight({&one_number});
    TestBatch unprepared({&update});
    spoken->start(first);
    spoken->start(in_flight);
    spoken->start(unprepared);
    first.then = [&] {
      spoken->withdraw(in_flight);
      spoken->withdraw(unprepared);
    };
    fails ? spoken->fail_all(lost()) : spoken.hear(found(1) + found(2) + Spoken::prepared(no_data()));
    // Those that wait for a statement fail before those in flight.
    EXPECT_EQ(first.done, 1);
    EXPECT_EQ(in_flight.done, 0);
    EXPECT_EQ(unprepared.done, fails ? 1 : 0);
    EXPECT_EQ(spoken->load(), 0U);
  }
}

TEST(Withdrawing, one_of_several_batches_whose_statement_is_refused_is_possible_when_another_fails) {
  Spoken spoken;
  TestBatch first({&one_number});
  TestBatch second({&one_number});
  TestBatch third({&one_number});
  for (TestBatch* const batch : {&first, &second, &third}) spoken->start(*batch);
  first.then = [&] { spoken->withdraw(second); };
  spoken.hear(close_complete() + error_response("42601") + ready());
  EXPECT_EQ(first.error(), "42601");
  EXPECT_EQ(second.done, 0);
  EXPECT_EQ(third.error(), "42601");
  EXPECT_EQ(spoken->load(), 0U);
}

TEST(Withdrawing, a_batch_that_another_conversation_has_changes_nothing) {
  Spoken spoken;
  Spoken other;
  TestBatch batch({&one_number});
  spoken->start(batch);
  other->withdraw(batch);
  EXPECT_EQ(spoken->load(), 1U);
  EXPECT_EQ(other->load(), 0U);
}

TEST(Starting, a_batch_is_possible_when_another_is_done) {
  Spoken spoken;
  TestBatch first({&one_number});
  TestBatch prepared({&one_number});
  TestBatch unprepared({&update});
  first.then = [&] {
    spoken->start(prepared);
    spoken->start(unprepared);
  };
  spoken->start(first);
  spoken.hear(Spoken::prepared(number_column));
  spoken.sent();
  spoken.hear(found(1));
  EXPECT_EQ(spoken.sent_types(), "BESCPDS");
  spoken.hear(found(2) + Spoken::prepared(no_data()) + changed(1));
  EXPECT_EQ(prepared.done + unprepared.done, 2);
}

TEST(FailingAll, completes_every_batch_once_with_the_error) {
  for (const Together together : {Together::no, Together::yes}) {
    Spoken spoken;
    spoken.prepare(one_number, number_column);
    TestBatch in_flight({&one_number, &one_number}, together);
    TestBatch withdrawn({&one_number}, together);
    TestBatch unprepared({&update}, together);
    spoken->start(in_flight);
    spoken->start(withdrawn);
    spoken->start(unprepared);
    spoken->withdraw(withdrawn);
    spoken.hear(bind_complete());
    spoken->fail_all(lost());
    EXPECT_EQ(in_flight.done, 1);
    EXPECT_EQ(in_flight.error(0), "08006");
    EXPECT_EQ(in_flight.error(1), "08006");
    EXPECT_EQ(withdrawn.done, 0);
    EXPECT_EQ(unprepared.done, 1);
    EXPECT_EQ(unprepared.error(), "08006");
    EXPECT_EQ(spoken->load(), 0U);
    spoken->fail_all(lost());
    EXPECT_EQ(in_flight.done + unprepared.done, 2);
  }
}

}  // namespace
}  // namespace chopin::data::postgres
