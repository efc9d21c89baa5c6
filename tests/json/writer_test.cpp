#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>
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

std::string shortest(double number) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

TEST(JsonWriter, a_number_with_few_decimals_is_its_shortest_text_too) {
  for (int thousandths = 0; thousandths <= 300'000; ++thousandths) {
    const double number = thousandths / 1000.0;
    ASSERT_EQ(written(number), shortest(number));
    ASSERT_EQ(written(-number), shortest(-number));
  }
  for (const double whole : {9'999, 10'000, 99'999, 100'000, 100'001, 1'000'000, 4'294'967, 4'294'968}) {
    for (const double number : {whole, whole + 0.001, whole + 0.5, whole + 0.999, whole - 0.001}) {
      EXPECT_EQ(written(number), shortest(number));
    }
  }
}

TEST(JsonWriter, a_number_beside_one_with_few_decimals_keeps_all_its_digits) {
  for (const double number :
       {0.0, 0.001, 0.1, 0.29, 0.3, 1.0, 12.75, 4096.125, 99'999.999, 1e5, 0.0005, 0.0015}) {
    EXPECT_EQ(written(std::nextafter(number, 1e9)), shortest(std::nextafter(number, 1e9)));
    EXPECT_EQ(written(std::nextafter(number, -1e9)), shortest(std::nextafter(number, -1e9)));
  }
  EXPECT_EQ(written(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(written(-0.0), "-0");
}

TEST(JsonWriter, escapes_what_must_be_at_every_place_of_a_long_text) {
  for (const std::size_t size : {std::size_t{63}, std::size_t{64}, std::size_t{65}, std::size_t{127},
                                 std::size_t{128}, std::size_t{200}}) {
    const std::string plain(size, 'a');
    EXPECT_EQ(written(plain), '"' + plain + '"');
    for (std::size_t at = 0; at < size; ++at) {
      std::string text = plain;
      text[at] = '"';
      ASSERT_EQ(written(text), '"' + plain.substr(0, at) + R"(\")" + plain.substr(at + 1) + '"');
      text[at] = '\xff';
      ASSERT_EQ(written(text), '"' + plain.substr(0, at) + "\xef\xbf\xbd" + plain.substr(at + 1) + '"');
    }
  }
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

/// The message of the std::logic_error that `write` or the end of the writer throws, or what was written.
std::string outcome_of(void (*write)(JsonWriter& out)) {
  ByteBuffer out;
  try {
    JsonWriter writer(out);
    write(writer);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return std::string(out.bytes());
}

TEST(JsonWriter, refuses_an_incomplete_text_when_it_ends) {
  const std::string incomplete = "JsonWriter: the text is incomplete, an end or a value is missing";
  EXPECT_EQ(outcome_of([](JsonWriter&) {}), "JsonWriter: nothing was written");
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object(); }), incomplete);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().member("a", 1); }), incomplete);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().key("a"); }), incomplete);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_array().begin_object().end_object(); }), incomplete);
  EXPECT_EQ(
      outcome_of([](JsonWriter& out) { out.begin_object().key("a").begin_array().value(1).end_array(); }),
      incomplete);
}

TEST(JsonWriter, ends_silently_while_an_exception_passes) {
  ByteBuffer out;
  const auto interrupted = [&out] {
    JsonWriter writer(out);
    writer.begin_object();
    throw std::runtime_error("why");
  };
  EXPECT_THROW(interrupted(), std::runtime_error);
}

TEST(JsonWriter, refuses_a_second_value_outside_arrays_and_objects) {
  const std::string fault = "JsonWriter: a value after the whole text";
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.value(1).value(2); }), fault);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.value("a").value("b"); }), fault);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.raw("{}").raw("{}"); }), fault);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().end_object().begin_object(); }), fault);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_array().end_array().value(std::string("x")); }),
            fault);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.value(true).key("a"); }),
            "JsonWriter: the name of a member after the whole text");
}

TEST(JsonWriter, refuses_values_and_names_at_each_others_place) {
  const std::string no_name = " where the name of a member or the end of an object belongs";
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().value(1); }),
            "JsonWriter: a value" + no_name);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().value("a"); }),
            "JsonWriter: a value" + no_name);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().member("a", 1).begin_array(); }),
            "JsonWriter: a value" + no_name);
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().key("a").key("b"); }),
            "JsonWriter: the name of a member where a value belongs");
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.key("a"); }),
            "JsonWriter: the name of a member where a value belongs");
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_array().key(std::string("a")); }),
            "JsonWriter: the name of a member in an array");
}

TEST(JsonWriter, refuses_an_end_of_what_is_not_open) {
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().key("a").end_object(); }),
            "JsonWriter: the end of an object where a value belongs");
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().end_array(); }),
            "JsonWriter: the end of an array where the name of a member or the end of an object belongs");
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_array().value(1).end_object(); }),
            "JsonWriter: the end of an object in an array");
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.begin_object().member("a", 1).end_object().end_object(); }),
            "JsonWriter: the end of an object after the whole text");
  EXPECT_EQ(outcome_of([](JsonWriter& out) { out.end_array(); }),
            "JsonWriter: the end of an array where a value belongs");
  EXPECT_EQ(
      outcome_of([](JsonWriter& out) {
        out.begin_object().key("a").begin_array().begin_object().member("b", 1).end_object().end_object();
      }),
      "JsonWriter: the end of an object in an array");
}

/// Arrays and objects in turn, closed again except for the outermost `open`.
std::string nested(int depth, int open = 0) {
  ByteBuffer out;
  {
    JsonWriter writer(out);
    for (int i = 0; i < depth; ++i) {
      i % 2 == 0 ? writer.begin_array().value(i) : writer.begin_object().key("a");
    }
    writer.value("x");
    for (int i = depth; i-- > open;) {
      i % 2 == 0 ? writer.value(i).end_array() : writer.member("b", i).end_object();
    }
  }
  return std::string(out.bytes());
}

TEST(JsonWriter, writes_arrays_and_objects_at_any_depth) {
  for (int depth = 0; depth < 130; ++depth) {
    EXPECT_EQ(JsonObject::validate(nested(depth)).reason, "") << nested(depth);
    if (depth == 0) continue;
    EXPECT_THROW(nested(depth, 1), std::logic_error) << depth;
    EXPECT_THROW(nested(depth, -1), std::logic_error) << depth;
  }
}

TEST(JsonWriter, writes_null_for_a_null_pointer_and_refuses_it_as_a_name) {
  const char* volatile none = nullptr;
  ByteBuffer out;
  JsonWriter writer(out);
  writer.begin_object();
  EXPECT_THROW(writer.key(none), std::invalid_argument);
  writer.member("a", static_cast<const char*>(none)).member("b", nullptr).end_object();
  EXPECT_EQ(out.bytes(), R"({"a":null,"b":null})");
}

}  // namespace
}  // namespace chopin
