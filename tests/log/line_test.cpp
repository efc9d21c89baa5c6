#include "log/line.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace chopin::log {
namespace {

using namespace std::chrono_literals;

constexpr auto noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 12h;

std::string text(std::string_view message, const std::vector<LogField>& fields = {}) {
  return text_line(message, fields);
}

std::string json(std::string_view message, const std::vector<LogField>& fields = {}) {
  return json_line(noon, LogLevel::info, message, fields);
}

TEST(TextLine, is_the_message_and_its_fields) {
  EXPECT_EQ(text("started"), "started");
  EXPECT_EQ(text("request", {{"target", "/json"}, {"status", 200}, {"ms", 0.25}, {"change", -1}}),
            "request target=/json status=200 ms=0.25 change=-1");
  EXPECT_EQ(text("", {{"most", UINT64_MAX}, {"least", INT64_MIN}}),
            " most=18446744073709551615 least=-9223372036854775808");
}

TEST(TextLine, writes_a_flag_as_a_word_and_a_null_pointer_as_an_empty_text) {
  const char* const null = nullptr;
  EXPECT_EQ(text("m", {{"a", true}, {"b", false}, {"c", null}}), R"(m a=true b=false c="")");
}

TEST(TextLine, quotes_values_that_would_not_read_back_as_one) {
  EXPECT_EQ(text("m", {{"a", "b c"}, {"d", "e=f"}, {"g", "\"h\""}, {"i", ""}}),
            R"(m a="b c" d="e=f" g="\"h\"" i="")");
}

TEST(TextLine, cannot_be_forged) {
  EXPECT_EQ(text("m", {{"target", "/\r\n2026 info stopped"}}), R"(m target="/\r\n2026 info stopped")");
  EXPECT_EQ(text("/\n\t\\\x1b[2J\x7f\x01"), R"(/\n\t\\\x1b[2J\x7f\x01)");
  EXPECT_EQ(text("m", {{"a\nb", "\\n"}, {"c", "\\\" d=e"}}), R"(m a\nb=\\n c="\\\" d=e")");
  EXPECT_EQ(text(std::string_view("\0", 1)), R"(\x00)");
}

TEST(TextLine, contains_no_raw_control_character) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string value(1, static_cast<char>(byte));
    for (const char c : text(value, {{"v", value}})) {
      EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f) << byte;
    }
  }
}

TEST(TextLine, keeps_utf_8) {
  EXPECT_EQ(text("Frédéric", {{"name", "ż"}}), "Frédéric name=ż");
  EXPECT_EQ(text("\u00a0 \u2027 \u202f \u4f60\u597d \U0001f600"),
            "\u00a0 \u2027 \u202f \u4f60\u597d \U0001f600");
}

TEST(TextLine, escapes_c1_control_characters_and_malformed_utf_8) {
  EXPECT_EQ(text("\xc2\x9b"
                 "31m",
                 {{"v", "\xc2\x80\xc2\x9f"}}),
            R"(\u009b31m v=\u0080\u009f)");
  EXPECT_EQ(text("\x9b"
                 "31m \xc3( \xf0\x9f\x98"),
            R"(\x9b31m \xc3( \xf0\x9f\x98)");
}

TEST(TextLine, escapes_line_separators_and_marks_that_turn_the_direction_of_a_text) {
  EXPECT_EQ(text("a\u2028b\u2029c\u202ed\u2066e\u200ff\u061cg"),
            R"(a\u2028b\u2029c\u202ed\u2066e\u200ff\u061cg)");
}

TEST(JsonLine, is_one_object) {
  EXPECT_EQ(json("started"), R"({"time":"2026-11-21T12:00:00.000Z","level":"info","message":"started"})");
  EXPECT_EQ(json("request", {{"target", "/json"}, {"status", 200}, {"ms", 0.25}, {"most", UINT64_MAX}}),
            R"({"time":"2026-11-21T12:00:00.000Z","level":"info","message":"request",)"
            R"("target":"/json","status":200,"ms":0.25,"most":18446744073709551615})");
}

TEST(JsonLine, gives_the_time_in_milliseconds_before_and_after_1970) {
  EXPECT_TRUE(json_line(noon + 7ms + 999us, LogLevel::warn, "", {})
                  .starts_with(R"({"time":"2026-11-21T12:00:00.007Z","level":"warn")"));
  EXPECT_TRUE(json_line(std::chrono::sys_days{} - 1ms, LogLevel::critical, "", {})
                  .starts_with(R"({"time":"1969-12-31T23:59:59.999Z","level":"critical")"));
}

TEST(JsonLine, cannot_be_forged) {
  EXPECT_TRUE(json("a\n\"b\"\\", {{"target", "\x1b\"}\n{"}})
                  .ends_with(R"("message":"a\n\"b\"\\","target":"\u001b\"}\n{"})"));
}

TEST(JsonLine, escapes_what_a_terminal_or_a_reader_of_lines_would_obey) {
  EXPECT_TRUE(json("\x7f\xc2\x9b"
                   "1m",
                   {{"v", "\u2028\u202e\u00a0\x9b"}})
                  .ends_with("\"message\":\"\\u007f\\u009b1m\",\"v\":\"\\u2028\\u202e\u00a0\ufffd\"}"));
}

TEST(JsonLine, writes_a_flag_as_a_literal) {
  EXPECT_TRUE(json("m", {{"a", true}}).ends_with(R"("message":"m","a":true})"));
}

}  // namespace
}  // namespace chopin::log
