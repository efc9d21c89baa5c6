// What a server may say in libpq's opinion and in that of a Conversation, which is stricter. Neither the
// fuzz target `conversation` nor this finds anything that only the Conversation takes.
#include "fuzz/libpq_judge.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "fuzz/database_exchange.hpp"
#include "fuzz/pieces.hpp"
#include "server_messages.hpp"

namespace chopin::data::postgres {
namespace {

struct Opinions {
  bool is_taken = false;
  bool is_taken_by_libpq = false;
};

/// Of a server that says this in response to the batches with these letters.
Opinions opinions_of(std::string_view letters, const std::string& bytes) {
  const std::string head = "1" + std::string(letters) + "\n\n\n";
  std::string_view input = head;
  fuzz::ExchangePlan plan;
  EXPECT_TRUE(fuzz::read_plan(input, plan));
  fuzz::DatabaseExchange exchange(plan);
  exchange.play(bytes, fuzz::PieceSizes::whole(), "");
  const auto judgement = fuzz::judge_with_libpq(exchange.batches(), bytes);
  bool is_complete = judgement.groups.size() == letters.size();
  for (const auto& group : judgement.groups) {
    for (const auto& query : group.queries) is_complete &= query.kind != fuzz::JudgedQuery::Kind::refused;
  }
  return {.is_taken = exchange.fault().empty(), .is_taken_by_libpq = is_complete};
}

const std::string begun = parse_complete() + bind_complete();
const std::string done = complete("SELECT 1") + ready();

TEST(LibpqJudge, takes_what_servers_say) {
  for (const auto& [letters, bytes] :
       {std::pair{"c", begun + text_column + row({"a"}) + done},
        {"c", begun + text_column + complete("SELECT 0") + ready()},
        {"d", begun + no_data() + message_of('I', "") + ready()},
        {"dd", begun + no_data() + complete("BEGIN") + ready() + error_response("42601") + ready()},
        {"d", begun + no_data() + complete("INSERT 0 1") + error_response("23503") + ready()}}) {
    const auto [is_taken, is_taken_by_libpq] = opinions_of(letters, bytes);
    EXPECT_TRUE(is_taken) << bytes;
    EXPECT_TRUE(is_taken_by_libpq) << bytes;
  }
}

TEST(LibpqJudge, refuses_what_a_conversation_refuses) {
  for (const std::string& bytes :
       {begun + row({"a"}) + done,                                                // without a description
        begun + no_data() + row({"a"}) + done,                                    // the same
        begun + text_column + row({"a", "b"}) + done,                             // another number of values
        begun + text_column + message_of('D', big16(1) + big32(2) + "a") + done,  // past the end
        begun + text_column + message_of('D', big16(1) + big32(1) + "ab") + done,
        parse_complete() + message_of('2', "x") + text_column + done,
        begun + text_column + "C" + big32(30'001), begun + text_column + "C" + big32(3),
        begun + message_of('?', ""), ready() + begun + text_column + done,
        message_of('S', "x") + begun + text_column + done,
        message_of('N', "x") + begun + text_column + done}) {
    const auto [is_taken, is_taken_by_libpq] = opinions_of("c", bytes);
    EXPECT_FALSE(is_taken) << bytes;
    EXPECT_FALSE(is_taken_by_libpq) << bytes;
  }
}

TEST(LibpqJudge, takes_what_a_conversation_refuses) {
  for (const std::string& bytes : {text_column + row({"a"}) + done,  // neither ParseComplete nor BindComplete
                                   bind_complete() + parse_complete() + text_column + done,
                                   begun + begun + close_complete() + text_column + done,
                                   begun + done,  // no description
                                   begun + text_column + row({"a"}) + bind_complete() + row({"b"}) + done,
                                   begun + text_column + complete("SELECT 0") + ready('?')}) {
    const auto [is_taken, is_taken_by_libpq] = opinions_of("c", bytes);
    EXPECT_FALSE(is_taken) << bytes;
    EXPECT_TRUE(is_taken_by_libpq) << bytes;
  }
}

}  // namespace
}  // namespace chopin::data::postgres
