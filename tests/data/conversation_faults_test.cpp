// What a Conversation does not take from a server.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "data/postgres/conversation.hpp"
#include "server_messages.hpp"
#include "spoken.hpp"
#include "test_batch.hpp"

namespace chopin::data::postgres {
namespace {

using enum Conversation::Statements;

/// Where in a conversation a message comes.
struct Place {
  const char* name;
  Conversation::Statements statements;
  bool is_started;
  std::string before;
  std::string_view allowed;  // types
};

std::vector<Place> places() {
  const std::string prepared = Spoken::prepared(number_column);
  const std::string begun = parse_complete() + bind_complete();
  return {
      {"idle", named, false, "", ""},
      {"preparation", named, true, "", "3"},
      {"closed", named, true, close_complete(), "1"},
      {"parsed", named, true, close_complete() + parse_complete(), "t"},
      {"parameters described", named, true, close_complete() + parse_complete() + parameter_description({}),
       "Tn"},
      {"described", named, true, prepared.substr(0, prepared.size() - ready().size()), "Z"},
      {"refused", named, true, close_complete() + error_response("42601"), "Z"},
      {"execution", named, true, prepared, "2"},
      {"bound", named, true, prepared + bind_complete(), "DCI"},
      {"rows", named, true, prepared + bind_complete() + number_row(1), "DCI"},
      {"complete", named, true, prepared + bind_complete() + complete("SELECT 0"), "Z"},
      {"failed", named, true, prepared + bind_complete() + error_response("22012"), "Z"},
      {"done", named, true, prepared + found(1), ""},
      {"unnamed", unnamed, true, "", "1"},
      {"unnamed parsed", unnamed, true, parse_complete(), "2"},
      {"unnamed bound", unnamed, true, begun, "Tn"},
      {"unnamed described", unnamed, true, begun + number_column, "DCI"},
      {"unnamed without rows", unnamed, true, begun + no_data(), "CI"},
      {"unnamed complete", unnamed, true, begun + number_column + complete("SELECT 0"), "Z"},
  };
}

const std::string& sample_of(char type) {
  static const std::array samples{
      parse_complete(), bind_complete(), close_complete(), number_column, no_data(),
      parameter_description({}), number_row(2), complete("SELECT 1"), message_of('I', ""), ready(),
      // COPY, a suspended portal, the handshake, what only clients send, and no type at all
      message_of('G', ""), message_of('H', ""), message_of('W', ""), message_of('d', ""), message_of('c', ""),
      message_of('s', ""), message_of('R', big32(0)), message_of('K', big32(1) + big32(2)),
      message_of('v', ""), message_of('V', ""), message_of('B', ""), message_of('Q', ""),
      message_of('\0', ""), message_of('\xff', "")};
  for (const std::string& sample : samples) {
    if (sample.front() == type) return sample;
  }
  return samples.back();
}

TEST(ConversationFaults, are_messages_where_no_such_message_is_expected) {
  for (const Place& place : places()) {
    for (const char type : std::string_view("123TntDCIZGHWdcsRKvVBQ\0\xff", 24)) {
      Spoken spoken(place.statements);
      TestBatch batch({&one_number});
      if (place.is_started) spoken->start(batch);
      spoken.hear(place.before);
      ASSERT_EQ(spoken->fault(), "") << place.name;
      const std::string& sample = sample_of(type);
      ASSERT_EQ(sample.front(), type);
      spoken->receive(sample);
      const bool is_allowed = place.allowed.find(type) != std::string_view::npos;
      EXPECT_EQ(spoken->fault().empty(), is_allowed) << place.name << ' ' << type << ' ' << spoken->fault();
    }
  }
}

TEST(ConversationFaults, are_malformed_messages) {
  const std::string prepared = Spoken::prepared(number_column);
  const std::string half = prepared + bind_complete();
  for (const std::string& bytes :
       {half + row({"abcd", "x"}),
        half + row({}),
        half + message_of('D', ""),
        half + message_of('D', big16(1) + big32(5) + "abcd"),
        half + message_of('D', big16(1) + big32(3) + "abcd"),
        half + message_of('C', "SELECT 1"),
        half + complete("SELECT 1") + message_of('Z', ""),
        half + complete("SELECT 1") + message_of('Z', "X"),
        half + complete("SELECT 1") + message_of('Z', "II"),
        half + message_of('E', ""),
        half + message_of('E', "C22012"),
        half + error_response("2201"),
        half + error_response("22012") + error_response("22012"),
        half + message_of('E', "Mno" + with_nul("") + with_nul("")),
        prepared + message_of('2', "x"),
        half + message_of('I', "x"),
        message_of('S', "x"),
        message_of('N', "x"),
        message_of('A', "x"),
        close_complete() + parse_complete() + message_of('t', "x"),
        close_complete() + parse_complete() + parameter_description({}) + message_of('T', big16(1)),
        close_complete() + parse_complete() + parameter_description({}) + message_of('T', ""),
        half + "D" + big32(3),
        half + "D" + big32(0x7fffffff),
        half + "C" + big32(30001)}) {
    Spoken spoken;
    TestBatch batch({&one_number});
    spoken->start(batch);
    spoken->receive(bytes);
    EXPECT_NE(spoken->fault(), "") << bytes;
    EXPECT_EQ(batch.done, 0);
    EXPECT_EQ(spoken->receive(ready()), 0U);
  }
}

TEST(ConversationFaults, name_the_type_of_the_message) {
  Spoken spoken;
  spoken->receive(message_of('G', ""));
  EXPECT_EQ(spoken->fault(), "a message of the type 0x47 came when none was expected");
}

}  // namespace
}  // namespace chopin::data::postgres
