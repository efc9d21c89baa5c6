#include <string>

#include <gtest/gtest.h>

#include "chopin/json.hpp"
#include "json/grammar.hpp"

namespace chopin {
namespace {

constexpr std::string_view bom = "\xef\xbb\xbf";

std::string fault(std::string_view text) {
  const JsonFault found = JsonObject::validate(text);
  return found.reason.empty() ? "" : found.reason + " at " + std::to_string(found.offset);
}

std::string nested(std::size_t depth, const std::string& open, const std::string& inside,
                   const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += inside;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(JsonValidation, accepts_every_kind_of_value_at_the_top_level) {
  for (const char* text : {"null", "true", "false", "0", "-1", "\"\"", "\"a\"", "[]", "{}", " \t\r\n1 \t\r\n",
                           " [ ] ", " { } ", R"({"a":[1,{"b":null},"c",[[]],{}],"":-0.5e+3})", "[1,2]"}) {
    EXPECT_EQ(fault(text), "") << text;
  }
}

TEST(JsonValidation, accepts_numbers_of_any_size) {
  for (const std::string number :
       {"0", "-0", "0.0", "1e5", "1E+5", "1e-5", "10.25", "1e400", "-1e400", "1e-400", "18446744073709551616",
        "123456789012345678901234567890123456789"}) {
    EXPECT_EQ(fault(number), "") << number;
    EXPECT_EQ(fault("[" + number + "]"), "") << number;
  }
}

TEST(JsonValidation, refuses_malformed_numbers) {
  for (const std::string number :
       {"01", "-", "-01", "1.", "1.e5", "1e", "1e+", ".5", "+1", "--1", "1.2.3", "00"}) {
    EXPECT_EQ(fault(number), "malformed number at 0") << number;
    EXPECT_EQ(fault("[" + number + "]"), "malformed number at 1") << number;
    EXPECT_EQ(fault("{\"a\": " + number + " }"), "malformed number at 6") << number;
  }
  EXPECT_EQ(fault("0x10"), "unexpected data after the value at 1");
  EXPECT_EQ(fault("[Infinity]"), "expected a value at 1");
}

TEST(JsonValidation, refuses_misspelt_literals) {
  EXPECT_EQ(fault("tru"), "expected a value at 0");
  EXPECT_EQ(fault("True"), "expected a value at 0");
  EXPECT_EQ(fault("[nul]"), "expected a value at 1");
  EXPECT_EQ(fault("[falsey]"), "expected a comma or ] at 6");
  EXPECT_EQ(fault("nullnull"), "unexpected data after the value at 4");
}

TEST(JsonValidation, refuses_malformed_escapes) {
  EXPECT_EQ(fault(R"("\"\\\/\b\f\n\r\t\u00e4\uD83D\uDE00")"), "");
  EXPECT_EQ(fault(R"("\a")"), "malformed escape at 1");
  EXPECT_EQ(fault(R"(["ab\u12g4"])"), "malformed escape at 4");
  EXPECT_EQ(fault(R"("\u-123")"), "malformed escape at 1");
  EXPECT_EQ(fault(R"({"\x":1})"), "malformed escape at 2");
  EXPECT_EQ(fault(R"({"a":{"b\u":1}})"), "malformed escape at 8");
}

TEST(JsonValidation, refuses_half_a_surrogate_pair) {
  for (const std::string half :
       {R"(\uD800)", R"(\uDBFFa)", R"(\uDC00)", R"(\uD83D\n)", R"(\uD83D\uD83D)", R"(\uD83D\u0041)"}) {
    EXPECT_EQ(fault('"' + half + '"'), "malformed escape at 1") << half;
    EXPECT_EQ(fault("{\"" + half + "\":1}"), "malformed escape at 2") << half;
  }
}

TEST(JsonValidation, refuses_control_characters_in_strings_only) {
  EXPECT_EQ(fault("\"a\nb\""), "control character in a string at 2");
  EXPECT_EQ(fault(std::string_view("[\"\0\"]", 5)), "control character in a string at 2");
  EXPECT_EQ(fault("\"\x7f\""), "");
  EXPECT_EQ(fault("[1,\f2]"), "expected a value at 3");
  EXPECT_EQ(fault(std::string_view("1\0", 2)), "unexpected data after the value at 1");
}

TEST(JsonValidation, refuses_malformed_utf8) {
  EXPECT_EQ(fault("\"\xc3\xa4\""), "");
  EXPECT_EQ(fault("\"abc\xff\""), "malformed UTF-8 at 4");
  EXPECT_EQ(fault("\"\xed\xa0\x80\""), "malformed UTF-8 at 1");
  EXPECT_EQ(fault("\"\xc0\xaf\""), "malformed UTF-8 at 1");
  EXPECT_EQ(fault(std::string(bom) + "1"), "a byte order mark at 0");
}

TEST(JsonValidation, refuses_unclosed_strings_arrays_and_objects) {
  EXPECT_EQ(fault("\"abc"), "unclosed string at 0");
  EXPECT_EQ(fault(R"({"a":"b\"})"), "unclosed string at 5");
  EXPECT_EQ(fault("[1,[2]"), "unclosed array at 0");
  EXPECT_EQ(fault("[1,[2"), "unclosed array at 3");
  EXPECT_EQ(fault("[1,"), "unclosed array at 0");
  for (const char* text : {"{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,"}) {
    EXPECT_EQ(fault(text), "unclosed object at 0") << text;
  }
}

TEST(JsonValidation, refuses_misplaced_tokens) {
  EXPECT_EQ(fault("[1 2]"), "expected a comma or ] at 3");
  EXPECT_EQ(fault("[1}"), "expected a comma or ] at 2");
  EXPECT_EQ(fault("[1,]"), "expected a value at 3");
  EXPECT_EQ(fault("[,1]"), "expected a value at 1");
  EXPECT_EQ(fault("{\"a\":1]"), "expected a comma or } at 6");
  EXPECT_EQ(fault("{\"a\":1 \"b\":2}"), "expected a comma or } at 7");
  EXPECT_EQ(fault("{\"a\":1,}"), "expected a name in quotes at 7");
  EXPECT_EQ(fault("{a:1}"), "expected a name in quotes at 1");
  EXPECT_EQ(fault("{\"a\" 1}"), "expected a colon at 5");
  EXPECT_EQ(fault("{\"a\":}"), "expected a value at 5");
  EXPECT_EQ(fault("[[\"a\":1],2]]"), "expected a comma or ] at 5");
  EXPECT_EQ(fault("]"), "expected a value at 0");
}

TEST(JsonValidation, refuses_data_after_the_value) {
  EXPECT_EQ(fault("1 2"), "unexpected data after the value at 2");
  EXPECT_EQ(fault("{} x"), "unexpected data after the value at 3");
  EXPECT_EQ(fault("[]]"), "unexpected data after the value at 2");
  EXPECT_EQ(fault("\"a\"\"b\""), "unexpected data after the value at 3");
  EXPECT_EQ(fault("\"a\"b"), "unexpected data after the value at 3");
}

TEST(JsonValidation, refuses_an_empty_text) {
  EXPECT_EQ(fault(""), "no value at 0");
  EXPECT_EQ(fault(" \n "), "no value at 3");
}

TEST(JsonValidation, refuses_nesting_over_the_limit) {
  EXPECT_EQ(fault(nested(json::max_nesting, "[", "", "]")), "");
  EXPECT_EQ(fault(nested(json::max_nesting, "{\"a\":", "1", "}")), "");
  EXPECT_EQ(fault(nested(json::max_nesting + 1, "[", "", "]")), "nested too deeply at 1024");
  EXPECT_EQ(fault(nested(json::max_nesting + 1, "{\"a\":", "1", "}")), "nested too deeply at 5120");
  EXPECT_EQ(fault(std::string(1'000'000, '[')), "nested too deeply at 1024");
}

/// Tries every prefix of a text.
TEST(JsonValidation, the_offset_of_a_fault_is_never_past_the_end) {
  const std::string text = R"({"a":[1.5e3,true,null,"\u00e4\n"],"b":{"c":"d"}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const JsonFault found = JsonObject::validate(text.substr(0, size));
    EXPECT_NE(found.reason, "") << text.substr(0, size);
    EXPECT_LE(found.offset, size);
  }
}

TEST(JsonValidation, keeps_nothing_of_the_previous_text) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(fault("[1,2,3,4,5,6,7,8"), "unclosed array at 0");
    EXPECT_EQ(fault("1"), "");
    EXPECT_EQ(fault("\"" + std::string(5'000, 'a') + "\""), "");
    EXPECT_EQ(fault("[\"" + std::string(2'000'000, 'a') + "\"]"), "");
    EXPECT_EQ(fault("[\"\\n\"]"), "");
  }
}

}  // namespace
}  // namespace chopin
