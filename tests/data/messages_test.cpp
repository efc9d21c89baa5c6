#include "data/postgres/messages.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "server_messages.hpp"

namespace chopin::data::postgres {
namespace {

StatementInfo statement_of(std::vector<Type> parameters, std::vector<Type> columns,
                           std::string sql = "SELECT") {
  return {std::move(sql), "", std::move(parameters), std::move(columns), false, false};
}

std::string text_of(const ByteBuffer& buffer) {
  return std::string(buffer.bytes());
}

TEST(Messages, are_written_with_the_length_of_all_but_the_type) {
  ByteBuffer out;
  append_execute(out);
  append_sync(out);
  append_close_statement(out, "c7");
  append_describe_statement(out, "c7");
  append_describe_portal(out);
  EXPECT_EQ(text_of(out), message_of('E', with_nul("") + big32(0)) + message_of('S', "") +
                              message_of('C', "S" + with_nul("c7")) + message_of('D', "S" + with_nul("c7")) +
                              message_of('D', "P" + with_nul("")));
}

TEST(Messages, a_parse_declares_the_types_of_parameters_but_leaves_texts_to_the_server) {
  ByteBuffer out;
  append_parse(out, "c7",
               statement_of({Type::boolean, Type::int32, Type::int64, Type::float64, Type::text, Type::json,
                             Type::int32_array},
                            {}, "SELECT $1"));
  std::string body = with_nul("c7") + with_nul("SELECT $1") + big16(7);
  for (const std::uint32_t oid : {16U, 23U, 20U, 701U, 0U, 0U, 1007U}) body += big32(oid);
  EXPECT_EQ(text_of(out), message_of('P', body));
}

TEST(Messages, a_bind_gives_values_in_binary_but_texts_and_json_as_text_and_asks_for_the_same) {
  ByteBuffer parameters;
  append_value(parameters, true);
  append_value(parameters, std::int32_t{-2});
  append_value(parameters, std::int64_t{3});
  append_value(parameters, 0.5);
  append_value(parameters, std::string_view("t"));
  append_value(parameters, JsonText{"[1]"});
  append_null(parameters);
  ByteBuffer out;
  append_bind(out, "c7",
              statement_of({Type::boolean, Type::int32, Type::int64, Type::float64, Type::text, Type::json,
                            Type::text},
                           {Type::text, Type::int32, Type::json}),
              parameters.bytes());
  const std::string formats =
      big16(7) + big16(1) + big16(1) + big16(1) + big16(1) + big16(0) + big16(0) + big16(0);
  const std::string values = big16(7) + big32(1) + '\1' + big32(4) + big32(0xfffffffeU) + big32(8) +
                             big(3, 8) + big32(8) + big(0x3fe0000000000000U, 8) + big32(1) + "t" + big32(3) +
                             "[1]" + big32(0xffffffffU);
  EXPECT_EQ(text_of(out), message_of('B', with_nul("") + with_nul("c7") + formats + values + big16(3) +
                                              big16(0) + big16(1) + big16(0)));
}

std::string bound_array(std::string_view array) {
  return message_of('B', with_nul("") + with_nul("") + big16(3) + big16(1) + big16(1) + big16(1) + big16(3) +
                             big32(4) + big32(5) + std::string(array) + big32(4) + big32(6) + big16(0));
}

TEST(Messages, a_bind_gives_arrays_as_the_server_reads_them) {
  const StatementInfo statement = statement_of({Type::int32, Type::int32_array, Type::int32}, {});
  const auto bound = [&](const std::optional<std::span<const std::int32_t>>& array) {
    ByteBuffer parameters;
    append_value(parameters, std::int32_t{5});
    append_value(parameters, array);
    append_value(parameters, std::int32_t{6});
    ByteBuffer out;
    append_bind(out, "", statement, parameters.bytes());
    return text_of(out);
  };
  const std::array<std::int32_t, 2> two{7, -1};
  // dimensions, whether it has nulls, type of the elements, and for the dimension: size and first index
  const std::string head = big32(1) + big32(0) + big32(23);
  EXPECT_EQ(bound(two), bound_array(big32(36) + head + big32(2) + big32(1) + big32(4) + big32(7) + big32(4) +
                                    big32(0xffffffffU)));
  EXPECT_EQ(bound(std::span<const std::int32_t>()), bound_array(big32(20) + head + big32(0) + big32(1)));
  EXPECT_EQ(bound(std::nullopt), bound_array(big32(0xffffffffU)));
}

TEST(Messages, the_first_is_found_when_it_is_whole) {
  const std::string bytes = complete("SELECT 1") + ready();
  bool is_malformed = true;
  for (std::size_t size = 0; size < complete("SELECT 1").size(); ++size) {
    EXPECT_FALSE(first_message(std::string_view(bytes).substr(0, size), is_malformed)) << size;
    EXPECT_FALSE(is_malformed) << size;
  }
  const auto message = first_message(bytes, is_malformed);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, 'C');
  EXPECT_EQ(message->body, with_nul("SELECT 1"));
}

TEST(Messages, have_a_length_that_counts_itself_and_is_bounded_by_their_type) {
  bool is_malformed = false;
  const auto is_refused = [&](char type, std::size_t length) {
    EXPECT_FALSE(first_message(type + big32(length), is_malformed));
    return is_malformed;
  };
  EXPECT_TRUE(is_refused('D', 0));
  EXPECT_TRUE(is_refused('D', 3));
  EXPECT_FALSE(is_refused('D', 5));
  for (const char type : {'T', 'D', 'E', 'N', 'A'}) {
    EXPECT_FALSE(is_refused(type, most_in_message)) << type;
    EXPECT_TRUE(is_refused(type, most_in_message + 1)) << type;
    EXPECT_TRUE(is_refused(type, 0xffffffffU)) << type;
  }
  for (const char type : {'1', '2', '3', 'C', 'I', 'S', 'Z', 'n', 't', '\0', 'H'}) {
    EXPECT_FALSE(is_refused(type, most_in_short_message)) << type;
    EXPECT_TRUE(is_refused(type, most_in_short_message + 1)) << type;
  }
}

TEST(Messages, an_error_has_its_fields_in_any_order_and_ends_with_a_nul) {
  const std::string fields =
      "VERROR" + with_nul("") + "Dwhy" + with_nul("") + "C23505" + with_nul("") + "Mno" + with_nul("");
  const std::string body = with_nul(fields);
  const auto fault = read_fault(body);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->sqlstate, "23505");
  EXPECT_EQ(fault->message, "no");
  EXPECT_EQ(fault->detail, "why");
  EXPECT_FALSE(read_fault(""));
  EXPECT_FALSE(read_fault(fields));
  EXPECT_FALSE(read_fault("Cabc"));
  EXPECT_FALSE(read_fault(body + "x"));
}

TEST(Messages, a_column_may_be_of_every_type_that_fits_into_the_declared_one) {
  const auto is_taken = [](Type type, std::uint32_t oid) {
    const std::string description = row_description({{"a", oid}});
    const auto columns = read_columns(std::string_view(description).substr(5), statement_of({}, {type}));
    return columns.has_value() && columns->fault.empty();
  };
  constexpr std::array<std::uint32_t, 9> oids{16, 20, 21, 23, 25, 114, 700, 701, 3802};
  for (const auto& [type, taken] : {std::pair{Type::boolean, std::vector<std::uint32_t>{16}},
                                    {Type::int32, {21, 23}},
                                    {Type::int64, {20, 21, 23}},
                                    {Type::float64, {700, 701}},
                                    {Type::json, {114, 3802}},
                                    {Type::text, {oids.begin(), oids.end()}},
                                    {Type::int32_array, {}}}) {
    for (const std::uint32_t oid : oids) {
      EXPECT_EQ(is_taken(type, oid), std::ranges::count(taken, oid) == 1)
          << static_cast<int>(type) << ' ' << oid;
    }
  }
}

TEST(Messages, columns_that_are_not_as_declared_are_named) {
  const StatementInfo statement = statement_of({}, {Type::int32, Type::int64});
  const auto fault = [&](const std::string& description) {
    return read_columns(std::string_view(description).substr(5), statement)->fault;
  };
  EXPECT_EQ(fault(row_description({{"id", 23}, {"n", 20}})), "");
  EXPECT_EQ(fault(row_description({{"id", 23}, {"name", 25}})),
            "column 2 (name) is of the type with OID 25, and is declared as std::int64_t");
  EXPECT_EQ(fault(row_description({{"id", 23}})), "it returns 1 columns, and is declared with 2");
  EXPECT_EQ(fault(row_description({})), "it returns 0 columns, and is declared with 2");
}

TEST(Messages, a_description_of_columns_ends_with_the_last_of_them) {
  const StatementInfo statement = statement_of({}, {Type::int32});
  const std::string description = row_description({{"id", 23}}).substr(5);
  EXPECT_TRUE(read_columns(description, statement));
  EXPECT_FALSE(read_columns(description + "x", statement));
  for (std::size_t size = 0; size < description.size(); ++size) {
    EXPECT_FALSE(read_columns(description.substr(0, size), statement)) << size;
  }
}

TEST(Messages, a_row_has_as_many_values_as_there_are_columns_and_ends_with_them) {
  const std::string body = row({"a", std::nullopt, ""}).substr(5);
  EXPECT_EQ(read_row(body, 3), std::string_view(body).substr(2));
  EXPECT_FALSE(read_row(body, 2));
  EXPECT_FALSE(read_row(body, 4));
  EXPECT_FALSE(read_row(body + "x", 3));
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(read_row(body.substr(0, size), 3)) << size;
  }
  EXPECT_FALSE(read_row(big16(1) + big32(0xfffffffeU), 1));
  EXPECT_FALSE(read_row(big16(1) + big32(0x7fffffffU) + "a", 1));
  EXPECT_EQ(read_row(big16(0), 0), "");
}

TEST(Messages, the_tag_of_a_command_ends_with_the_rows_it_affected) {
  for (const auto& [tag, affected] : {std::pair{"INSERT 0 3", std::uint64_t{3}},
                                      {"SELECT 10", 10},
                                      {"UPDATE 18446744073709551615", 0xffffffffffffffffU},
                                      {"UPDATE 18446744073709551616", 0},
                                      {"BEGIN", 0},
                                      {"SELECT 3x", 0},
                                      {"", 0}}) {
    EXPECT_EQ(read_affected(with_nul(tag)), affected) << tag;
  }
  EXPECT_FALSE(read_affected("SELECT 1"));
  EXPECT_FALSE(read_affected(with_nul("SELECT 1") + "x"));
}

TEST(Messages, whose_contents_are_not_used_are_checked_nonetheless) {
  for (const char type : {'1', '2', '3', 'I', 'n'}) {
    EXPECT_TRUE(is_well_formed({type, ""})) << type;
    EXPECT_FALSE(is_well_formed({type, "x"})) << type;
  }
  const std::string types = big16(2) + big32(23) + big32(25);
  EXPECT_TRUE(is_well_formed({'t', types}));
  EXPECT_FALSE(is_well_formed({'t', ""}));
  EXPECT_FALSE(is_well_formed({'t', types + "x"}));
  EXPECT_FALSE(is_well_formed({'t', std::string_view(types).substr(1)}));
  const std::string texts = with_nul("a") + with_nul("");
  EXPECT_TRUE(is_well_formed({'S', texts}));
  EXPECT_FALSE(is_well_formed({'S', with_nul("a")}));
  EXPECT_FALSE(is_well_formed({'S', texts + "x"}));
  EXPECT_TRUE(is_well_formed({'A', big32(1) + texts}));
  EXPECT_FALSE(is_well_formed({'A', "abc"}));
  EXPECT_FALSE(is_well_formed({'A', big32(1) + with_nul("a")}));
  EXPECT_TRUE(is_well_formed({'N', with_nul("Mno" + with_nul(""))}));
  EXPECT_FALSE(is_well_formed({'N', "Mno"}));
}

}  // namespace
}  // namespace chopin::data::postgres
