#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "chopin/json.hpp"

namespace chopin {
namespace {

template <class Value>
std::string written(const Value& value) {
  ByteBuffer out;
  JsonWriter(out).value(value);
  return std::string(out.bytes());
}

TEST(JsonWriter, puts_commas_between_members_and_elements_only) {
  ByteBuffer out;
  out.append("> ");
  JsonWriter(out)
      .begin_object()
      .member("id", 7)
      .member("name", "a")
      .key("list")
      .begin_array()
      .value(1)
      .begin_array()
      .end_array()
      .begin_object()
      .end_object()
      .value(nullptr)
      .end_array()
      .member("on", true)
      .key("off")
      .value(false)
      .key("made")
      .raw(R"({"x":1})")
      .member("last", std::string("b"))
      .end_object();
  EXPECT_EQ(out.bytes(),
            R"(> {"id":7,"name":"a","list":[1,[],{},null],"on":true,"off":false,"made":{"x":1},"last":"b"})");
}

TEST(JsonWriter, writes_empty_views_with_a_null_pointer) {
  ByteBuffer out;
  JsonWriter(out).begin_array().value(std::string_view()).raw({}).value(std::string_view()).end_array();
  EXPECT_EQ(out.bytes(), R"(["",,""])");
}

TEST(JsonWriter, escapes_what_json_must_not_carry_raw) {
  EXPECT_EQ(written("\b\f\n\r\t\"\\"), R"("\b\f\n\r\t\"\\")");
  EXPECT_EQ(written(std::string_view("\0\x01\x0b\x1f", 4)), R"("\u0000\u0001\u000b\u001f")");
  EXPECT_EQ(written("/ \x7f"), "\"/ \x7f\"");
  ByteBuffer out;
  JsonWriter(out).begin_object().member("a\"\n", 1).end_object();
  EXPECT_EQ(out.bytes(), R"({"a\"\n":1})");
}

TEST(JsonWriter, escapes_a_byte_at_any_offset) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      for (int c = 0; c < 0x80; ++c) {
        const std::string head(before, 'x');
        const std::string tail(after, '~');
        const std::string text = head + static_cast<char>(c) + tail;
        const bool escaped = c < 0x20 || c == '"' || c == '\\';
        const std::string out = written(text);
        ASSERT_EQ(out == '"' + text + '"', !escaped) << c << " after " << before;
        ASSERT_TRUE(out.starts_with('"' + head) && out.ends_with(tail + '"')) << out;
        ASSERT_EQ(JsonObject::validate(out).reason, "") << out;
      }
    }
  }
}

/// Optimised builds have a separate code path for literals.
TEST(JsonWriter, writes_literals_like_other_texts) {
  const auto expect_same = [](auto write_literals, std::initializer_list<std::string> texts) {
    for (int room = 0; room < 80; ++room) {  // the buffer grows once at each place
      ByteBuffer out;
      out.append(std::string(static_cast<std::size_t>(room), '.'));
      ByteBuffer expected;
      expected.append(out.bytes());
      JsonWriter writer(out);
      write_literals(writer);
      JsonWriter texts_writer(expected);
      texts_writer.begin_object();
      for (const std::string& text : texts) texts_writer.member(text, text);
      texts_writer.end_object();
      ASSERT_EQ(out.bytes(), expected.bytes());
    }
  };
  expect_same(
      [](JsonWriter& out) {
        out.begin_object();
        out.member("", "").member("a", "a").member("ab", "ab").member("abc", "abc").member("abcd", "abcd");
        out.member("abcdefg", "abcdefg").member("abcdefgh", "abcdefgh").end_object();
      },
      {"", "a", "ab", "abc", "abcd", "abcdefg", "abcdefgh"});
  expect_same(
      [](JsonWriter& out) {
        out.begin_object();
        out.member("0123456789abcde", "0123456789abcde").member("0123456789abcdef", "0123456789abcdef");
        out.member("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef");
        out.member("0123456789abcdef0123456789abcdef0", "0123456789abcdef0123456789abcdef0").end_object();
      },
      {"0123456789abcde", "0123456789abcdef", "0123456789abcdef0123456789abcdef",
       "0123456789abcdef0123456789abcdef0"});
  expect_same(
      [](JsonWriter& out) {
        out.begin_object();
        out.member("\"", "\"").member("a\\", "a\\").member("\nab", "\nab").member("abcd\x1f", "abcd\x1f");
        out.member("\xc3\xa4", "\xc3\xa4").member("abcdefghi\xff", "abcdefghi\xff");
        out.member("0123456789abcdef\t", "0123456789abcdef\t").end_object();
      },
      {"\"", "a\\", "\nab", "abcd\x1f", "\xc3\xa4", "abcdefghi\xff", "0123456789abcdef\t"});
}

TEST(JsonWriter, replaces_each_byte_outside_a_well_formed_character) {
  EXPECT_EQ(written("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
  EXPECT_EQ(written("a\xff"), "\"a\xef\xbf\xbd\"");
  EXPECT_EQ(written("\xe2\x82z"), "\"\xef\xbf\xbd\xef\xbf\xbdz\"");
  EXPECT_EQ(written("\xc3\"\xc3\xa4"), "\"\xef\xbf\xbd\\\"\xc3\xa4\"");
  EXPECT_EQ(written("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(JsonWriter, writes_integers_exactly) {
  EXPECT_EQ(written(0), "0");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(std::int8_t{-128}), "-128");
  EXPECT_EQ(written(std::uint8_t{255}), "255");
}

TEST(JsonWriter, a_written_double_reads_back_as_the_same_number) {
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1.0), "1");
  EXPECT_EQ(written(-0.0), "-0");
  for (const double number : {1e300, 5e-324, 1.7976931348623157e308, 1.0 / 3, 1e22, -123456.789, 1e5}) {
    const std::string out = written(number);
    EXPECT_EQ(JsonObject::validate(out).reason, "") << out;
    double back = 0;
    JsonObject("{\"x\":" + out + '}').required("x", back).check();
    EXPECT_EQ(back, number) << out;
  }
}

TEST(JsonWriter, writes_null_for_infinity_and_not_a_number) {
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(-std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(std::nan("")), "null");
  ByteBuffer out;
  JsonWriter(out).begin_array().value(std::nan("")).value(1).end_array();
  EXPECT_EQ(out.bytes(), "[null,1]");
}

}  // namespace
}  // namespace chopin
