#include "chopin/rows.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "chopin/database_error.hpp"
#include "chopin/statement.hpp"

namespace chopin::data {
namespace {

template <class Value>
Value read_back(std::string_view bytes) {
  ValueReader reader(bytes);
  Value value{};
  reader.read(value);
  EXPECT_EQ(reader.left(), "");
  return value;
}

template <class Value>
Value round_trip(Value value) {
  ByteBuffer bytes;
  append_value(bytes, value);
  return read_back<Value>(bytes.bytes());
}

/// The SQLSTATE of the refusal, empty if the bytes are such a value.
template <class Value>
std::string refusal(std::string_view bytes) {
  try {
    read_back<Value>(bytes);
    return "";
  } catch (const DatabaseError& error) {
    return std::string(error.sqlstate());
  }
}

TEST(ValueReader, reads_what_was_appended) {
  EXPECT_TRUE(round_trip(true));
  EXPECT_FALSE(round_trip(false));
  for (const std::int32_t value : {0, -1, std::numeric_limits<std::int32_t>::min()}) {
    EXPECT_EQ(round_trip(value), value);
  }
  for (const std::int64_t value : {std::int64_t{1}, std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(round_trip(value), value);
  }
  EXPECT_EQ(round_trip(-0.1), -0.1);
  ByteBuffer text;
  append_value(text, std::string_view("a\0b", 3));
  EXPECT_EQ(read_back<std::string_view>(text.bytes()), std::string_view("a\0b", 3));
  EXPECT_EQ(read_back<JsonText>(text.bytes()).text, std::string_view("a\0b", 3));
}

TEST(ValueReader, reads_narrower_numbers_as_the_declared_type) {
  using namespace std::string_view_literals;
  EXPECT_EQ(read_back<std::int32_t>("\0\0\0\2\xff\xfe"sv), -2);
  EXPECT_EQ(read_back<std::int64_t>("\0\0\0\2\xff\xfe"sv), -2);
  EXPECT_EQ(read_back<std::int64_t>("\0\0\0\4\xff\xff\xff\xfd"sv), -3);
  EXPECT_EQ(read_back<std::int32_t>("\0\0\0\10\0\0\0\0\0\0\0\7"sv), 7);
  EXPECT_EQ(read_back<double>("\0\0\0\4\x3f\0\0\0"sv), 0.5);
}

TEST(ValueReader, refuses_a_number_that_is_too_large) {
  using namespace std::string_view_literals;
  EXPECT_EQ(refusal<std::int32_t>("\0\0\0\10\0\0\0\0\x80\0\0\0"sv), "22003");
}

TEST(ValueReader, refuses_a_value_of_another_size) {
  using namespace std::string_view_literals;
  const std::string_view three = "\0\0\0\3abc"sv;
  EXPECT_EQ(refusal<bool>(three), "42804");
  EXPECT_EQ(refusal<std::int32_t>(three), "42804");
  EXPECT_EQ(refusal<std::int64_t>(three), "42804");
  EXPECT_EQ(refusal<double>(three), "42804");
  EXPECT_EQ(refusal<bool>("\0\0\0\0"sv), "42804");
}

TEST(ValueReader, takes_null_only_as_an_optional) {
  ByteBuffer null;
  append_null(null);
  EXPECT_EQ(refusal<std::int32_t>(null.bytes()), "42804");
  EXPECT_EQ(refusal<std::string_view>(null.bytes()), "42804");
  EXPECT_EQ(read_back<std::optional<std::int32_t>>(null.bytes()), std::nullopt);
  ByteBuffer absent;
  append_value(absent, std::optional<std::int32_t>());
  EXPECT_EQ(absent.bytes(), null.bytes());
  EXPECT_EQ(round_trip(std::optional<std::int32_t>(3)), 3);
}

TEST(ValueReader, sets_an_optional_that_had_a_value_to_none) {
  ByteBuffer null;
  append_null(null);
  ValueReader reader(null.bytes());
  std::optional<std::int32_t> value = 4;
  reader.read(value);
  EXPECT_EQ(value, std::nullopt);
}

Result two_rows() {
  Result result;
  append_value(result.values, std::int32_t{1});
  append_value(result.values, std::string_view("one"));
  append_value(result.values, std::int32_t{2});
  append_null(result.values);
  result.rows = 2;
  result.affected = 2;
  return result;
}

TEST(Rows, are_read_one_after_the_other) {
  const Rows<std::int32_t, std::optional<std::string_view>> rows(two_rows());
  EXPECT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.affected(), 2U);
  EXPECT_FALSE(rows.empty());
  std::string seen;
  for (const auto& [id, name] : rows) seen += std::to_string(id) + std::string(name.value_or("-")) + ' ';
  EXPECT_EQ(seen, "1one 2- ");
  EXPECT_EQ(std::get<0>(rows.front()), 1);
}

TEST(Rows, keep_their_texts_when_they_are_moved) {
  Rows<std::int32_t, std::optional<std::string_view>> rows(two_rows());
  const auto first = rows.front();
  const auto moved = std::move(rows);
  EXPECT_EQ(std::get<1>(first), "one");
  EXPECT_EQ(moved.size(), 2U);
}

TEST(Rows, without_columns_or_without_rows_end_at_once_or_after_their_number) {
  const Rows<std::int32_t> none;
  EXPECT_TRUE(none.empty());
  for ([[maybe_unused]] const auto& row : none) FAIL();
  Result empty;
  empty.rows = 3;
  const Rows<> three(std::move(empty));
  int count = 0;
  for ([[maybe_unused]] const auto& row : three) ++count;
  EXPECT_EQ(count, 3);
}

TEST(Rows, name_a_null_in_a_column_that_may_not_be_null) {
  const Rows<std::int32_t, std::string_view> rows(two_rows());
  auto row = rows.begin();
  EXPECT_THROW(++row, DatabaseError);
}

}  // namespace
}  // namespace chopin::data
