#include "chopin/response.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace chopin {
namespace {

struct PlanePoint {
  int x = 0;
  int y = 0;
  static constexpr auto json_members = members(member("x", &PlanePoint::x), member("y", &PlanePoint::y));
};

using Statuses = std::initializer_list<std::uint16_t>;

/// The message of the exception that the call throws, empty if it throws none.
std::string fault_of(const std::function<void(Response&)>& call) {
  Response response;
  try {
    call(response);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

std::string fault_of_field(std::string_view name, std::string_view value) {
  return fault_of([&](Response& response) { response.field(name, value); });
}

TEST(Response, is_an_empty_200_at_first) {
  const Response response;
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.content_type(), "");
  EXPECT_EQ(response.field_lines(), "");
  EXPECT_EQ(response.body(), "");
}

TEST(Response, accepts_final_statuses_only) {
  for (const std::uint16_t status : Statuses{200, 204, 299, 304, 499, 599}) {
    EXPECT_EQ(Response().status(status).status(), status);
  }
  for (const std::uint16_t status : Statuses{0, 99, 100, 101, 199, 600, 999, 65535}) {
    EXPECT_EQ(fault_of([status](Response& response) { response.status(status); }),
              "a response's status is 200..599, not " + std::to_string(status));
  }
}

TEST(Response, refuses_illegal_field_names_and_values) {
  for (const std::string_view name : {"", " ", "X Y", "X:", "X\r\nY", "X\tY", "(X)", "\xc3\xa9", "X/Y"}) {
    EXPECT_EQ(fault_of_field(name, "1"), "illegal field name '" + std::string(name) + "'");
  }
  EXPECT_NE(fault_of_field(std::string_view("X\0", 2), "1"), "");
  for (const std::string_view value :
       {" ", " 1", "1 ", "\t1", "1\t", "1\r\nY: 2", "1\n", "\r", "1\x7f", "\x01"}) {
    EXPECT_EQ(fault_of_field("X", value), "illegal value of the field 'X'") << value;
  }
  EXPECT_EQ(fault_of_field("X", std::string_view("1\0", 2)), "illegal value of the field 'X'");
  for (const std::string_view value : {"", "1", "a b", "a\tb", "\xc3\xa9", "a:b", "\"\\\""}) {
    EXPECT_EQ(fault_of_field("X", value), "") << value;
  }
}

TEST(Response, refuses_the_fields_that_the_server_writes) {
  for (const std::string_view name :
       {"Content-Length", "Transfer-Encoding", "Connection", "Server", "Date", "content-length", "DATE"}) {
    const std::string fault = "the server itself writes the field '" + std::string(name) + "'";
    EXPECT_EQ(fault_of_field(name, "1"), fault);
    EXPECT_EQ(fault_of([name](Response& response) { response.replace_field(name, "1"); }), fault);
    EXPECT_EQ(fault_of([name](Response&) { const FieldLine line(name, "1"); }), fault);
  }
  EXPECT_EQ(fault_of_field("Dates", "1"), "");
}

TEST(Response, says_where_the_content_type_belongs) {
  EXPECT_EQ(fault_of_field("Content-Type", "text/csv"),
            "the type is set with the body, by Response::body or FastRoute::raw, not as a field "
            "'Content-Type'");
}

TEST(Response, refuses_null_pointers_for_texts) {
  const char* const none = nullptr;
  const std::string fault = "a text is a null pointer";
  EXPECT_EQ(fault_of([none](Response& response) { response.text(none); }), fault);
  EXPECT_EQ(fault_of([none](Response& response) { response.html(none); }), fault);
  EXPECT_EQ(fault_of([none](Response& response) { response.body("a/b", none); }), fault);
  EXPECT_EQ(fault_of([none](Response& response) { response.body(none, "x"); }), fault);
  EXPECT_EQ(fault_of([none](Response& response) { response.field("X", none); }), fault);
  EXPECT_EQ(fault_of([none](Response& response) { response.field(none, "x"); }), fault);
  EXPECT_EQ(fault_of([none](Response& response) { response.replace_field("X", none); }), fault);
  EXPECT_EQ(fault_of([none](Response& response) { response.error(500, none); }), fault);
  EXPECT_EQ(fault_of([none](Response& response) { response.json().raw(none); }), fault);
  EXPECT_EQ(fault_of([none](Response&) { const FieldLine line("X", none); }), fault);
}

TEST(Response, refuses_incomplete_json) {
  Response response;
  EXPECT_THROW(response.json(), std::logic_error);
  EXPECT_THROW(response.json().begin_object().member("a", 1), std::logic_error);
  EXPECT_THROW(response.success([](JsonWriter&) {}), std::logic_error);
  EXPECT_THROW(response.success([](JsonWriter& out) { out.begin_array(); }), std::logic_error);
}

TEST(Response, writes_a_struct_alone_or_as_the_data_of_a_success) {
  const PlanePoint point{1, 2};
  EXPECT_EQ(Response().json(point).body(), R"({"x":1,"y":2})");
  EXPECT_EQ(Response().json(std::vector{point}).body(), R"([{"x":1,"y":2}])");
  EXPECT_EQ(Response().success(point).body(), R"({"success":true,"data":{"x":1,"y":2}})");
}

TEST(Response, is_unchanged_after_refusing_a_field) {
  Response response;
  response.field("X", "1");
  EXPECT_THROW(response.field("Y", "\n"), std::invalid_argument);
  EXPECT_THROW(response.replace_field("X", "\n"), std::invalid_argument);
  EXPECT_EQ(response.field_lines(), "X: 1\r\n");
}

TEST(Response, keeps_its_fields_in_the_order_of_the_calls) {
  Response response;
  response.field("X", "1").field(FieldLine("Y", "2")).field("x", "3").field("Z", "");
  EXPECT_EQ(response.field_lines(), "X: 1\r\nY: 2\r\nx: 3\r\nZ: \r\n");
}

TEST(Response, replaces_all_fields_of_a_name_and_no_other) {
  Response response;
  response.field("Vary", "a")
      .field("X", "Vary: b")
      .field("vary", "c")
      .field("Vary-By", "d")
      .field("VARY", "e");
  response.replace_field("Vary", "f");
  EXPECT_EQ(response.field_lines(), "X: Vary: b\r\nVary-By: d\r\nVary: f\r\n");
  response.replace_field("New", "g");
  EXPECT_EQ(response.field_lines(), "X: Vary: b\r\nVary-By: d\r\nVary: f\r\nNew: g\r\n");
}

TEST(Response, finds_a_field_to_remove_whatever_the_case_of_its_name) {
  Response response;
  response.field("abc", "1").field("Abd", "2").field("ab", "3");
  response.field(FieldLine("X-Line", "4"));
  response.remove_field("ABC").remove_field("x-line").remove_field("");
  EXPECT_EQ(response.field_lines(), "Abd: 2\r\nab: 3\r\n");
}

TEST(Response, adds_a_field_whose_value_is_a_view_of_its_other_fields) {
  Response response;
  response.field("X", std::string(20, 'x'));
  for (int i = 0; i < 10; ++i) {
    const std::string before(response.field_lines());
    response.field("Y", response.field_lines().substr(3, 20));
    EXPECT_EQ(response.field_lines(), before + "Y: " + std::string(20, 'x') + "\r\n");
  }
}

TEST(Response, replaces_its_body) {
  Response response;
  response.text("first").html("second");
  EXPECT_EQ(response.content_type(), "text/html; charset=utf-8");
  EXPECT_EQ(response.body(), "second");
  response.body("image/png", std::string(1000, 'x'));
  EXPECT_EQ(response.content_type(), "image/png");
  EXPECT_EQ(response.body(), std::string(1000, 'x'));
  response.text("third");
  EXPECT_EQ(response.content_type(), "text/plain; charset=utf-8");
  EXPECT_EQ(response.body(), "third");
}

TEST(Response, refuses_an_illegal_content_type) {
  for (const std::string_view type : {"text/\r\nX: 1", " text/html", "text/html\t", "\x7f"}) {
    EXPECT_EQ(fault_of([type](Response& response) { response.body(type, "bytes"); }), "illegal content type");
    EXPECT_EQ(fault_of([type](Response& response) { response.body(type, std::string("bytes")); }),
              "illegal content type");
  }
}

TEST(Response, json_replaces_the_previous_body) {
  Response response;
  response.text("before");
  response.json().begin_object().member("id", 7).end_object();
  EXPECT_EQ(response.content_type(), "application/json");
  EXPECT_EQ(response.body(), R"({"id":7})");
}

TEST(Response, success_wraps_its_data) {
  Response response;
  response.status(201).success([](JsonWriter& out) { out.begin_array().value(1).value("b").end_array(); });
  EXPECT_EQ(response.status(), 201);
  EXPECT_EQ(response.content_type(), "application/json");
  EXPECT_EQ(response.body(), R"({"success":true,"data":[1,"b"]})");
}

TEST(Response, error_replaces_fields_and_body) {
  Response response;
  response.status(201).field("X", "1").text("text");
  response.error(404, "no \"such\" item");
  EXPECT_EQ(response.status(), 404);
  EXPECT_EQ(response.field_lines(), "");
  EXPECT_EQ(response.content_type(), "application/json");
  EXPECT_EQ(response.body(),
            R"({"success":false,"error":{"code":"NOT_FOUND","message":"no \"such\" item"}})");
}

TEST(Response, error_names_the_invalid_members) {
  Response response;
  response.error(422, "invalid", {{"name", "is missing"}});
  EXPECT_EQ(response.body(), R"({"success":false,"error":{"code":"VALIDATION_ERROR","message":"invalid",)"
                             R"("fields":{"name":"is missing"}}})");
}

TEST(Response, error_has_the_code_it_is_given_instead_of_that_of_the_status) {
  Response response;
  response.error(500, "internal error", {}, "DATABASE_ERROR");
  EXPECT_EQ(response.body(),
            R"({"success":false,"error":{"code":"DATABASE_ERROR","message":"internal error"}})");
}

TEST(Response, error_requires_an_error_status) {
  for (const std::uint16_t status : Statuses{0, 200, 204, 399, 600}) {
    Response response;
    response.field("X", "1").text("text");
    EXPECT_THROW(response.error(status, ""), std::invalid_argument) << status;
    EXPECT_EQ(response.status(), 200) << status;
    EXPECT_EQ(response.field_lines(), "X: 1\r\n") << status;
    EXPECT_EQ(response.body(), "text") << status;
  }
}

TEST(Response, no_content_keeps_the_fields) {
  Response response;
  response.field("X", "1").text("text").no_content();
  EXPECT_EQ(response.status(), 204);
  EXPECT_EQ(response.field_lines(), "X: 1\r\n");
  EXPECT_EQ(response.content_type(), "");
  EXPECT_EQ(response.body(), "");
}

TEST(Response, error_may_quote_the_body_it_replaces) {
  const std::string text(100'000, 'x');
  Response response;
  response.text(text);
  response.error(500, response.body());
  EXPECT_EQ(response.body(),
            R"({"success":false,"error":{"code":"INTERNAL_ERROR","message":")" + text + "\"}}");
}

TEST(Response, is_empty_again_after_a_reset) {
  Response response;
  response.status(201).field("X", "1").text("text").reset();
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.content_type(), "");
  EXPECT_EQ(response.field_lines(), "");
  EXPECT_EQ(response.body(), "");
}

TEST(Response, reset_keeps_small_memory_and_frees_large_memory) {
  Response response;
  const auto memory_after = [&response](std::size_t size) {
    response.text(std::string(size, 'x'));
    const char* const before = response.body().data();
    response.reset();
    response.text("x");
    return response.body().data() == before;
  };
  EXPECT_TRUE(memory_after(1000));
  EXPECT_FALSE(memory_after(1'000'000));
  response.reset();
  for (int i = 0; i < 10'000; ++i) response.field("X-Field", "0123456789");
  const char* const before = response.field_lines().data();
  response.reset();
  response.field("X", "1");
  EXPECT_NE(response.field_lines().data(), before);
}

}  // namespace
}  // namespace chopin
