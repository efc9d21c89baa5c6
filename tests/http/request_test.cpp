#include "chopin/request.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "chopin/error.hpp"

namespace chopin {
namespace {

using Statuses = std::initializer_list<std::uint16_t>;

/// The status of the HttpError that `action` throws.
template <class Action>
int thrown_by(Action action) {
  try {
    action();
  } catch (const HttpError& error) {
    return error.status();
  }
  return 0;
}

struct NamedBody {
  std::string name;
  static constexpr auto json_members = members(member("name", &NamedBody::name));
};

Request to(std::string_view target) {
  return Request({.target = target});
}

std::optional<std::string> value_of(std::string_view name, std::string_view target) {
  return to(target).query_value(name);
}

TEST(Request, query_is_everything_after_the_first_question_mark_as_sent) {
  EXPECT_EQ(to("/a?b=c").query(), "b=c");
  EXPECT_EQ(to("/a?b?c=%20+").query(), "b?c=%20+");
  EXPECT_EQ(to("http://example.com/a?b").query(), "b");
  EXPECT_EQ(to("/a?").query(), "");
  EXPECT_EQ(to("/a").query(), "");
  EXPECT_EQ(to("*").query(), "");
}

TEST(Request, query_value_is_the_first_of_its_name) {
  EXPECT_EQ(value_of("a", "/?a=1&a=2"), "1");
  EXPECT_EQ(value_of("b", "/?a=1&b=2"), "2");
  EXPECT_EQ(value_of("a", "/?xa=1&a=2"), "2");
  EXPECT_EQ(value_of("a", "/?A=1"), std::nullopt);
  EXPECT_EQ(value_of("a", "/?b=1"), std::nullopt);
  EXPECT_EQ(value_of("a", "/a=1"), std::nullopt);
  EXPECT_EQ(value_of("a", "/?"), std::nullopt);
}

TEST(Request, query_value_may_be_empty_and_may_hold_equals_signs) {
  EXPECT_EQ(value_of("a", "/?a"), "");
  EXPECT_EQ(value_of("a", "/?a="), "");
  EXPECT_EQ(value_of("a", "/?a&a=1"), "");
  EXPECT_EQ(value_of("a", "/?a=b=c"), "b=c");
  EXPECT_EQ(value_of("a", "/?&&a=1&"), "1");
  EXPECT_EQ(value_of("a", "/?b?a=1&a=2?3"), "2?3");
}

TEST(Request, query_has_no_nameless_value_between_two_ampersands) {
  EXPECT_EQ(value_of("", "/?a=1&&b=2"), std::nullopt);
  EXPECT_EQ(value_of("", "/?&"), std::nullopt);
  EXPECT_EQ(value_of("", "/?&=1"), "1");
}

TEST(Request, query_value_is_form_decoded) {
  EXPECT_EQ(value_of("q", "/?q=a+b%20c%2Bd"), "a b c+d");
  EXPECT_EQ(value_of("q", "/?q=%26%3d%3D%25"), "&==%");
  EXPECT_EQ(value_of("q", "/?q=%C3%A9"), "\xc3\xa9");
  EXPECT_EQ(value_of("q", "/?q=%2541"), "%41");
  EXPECT_EQ(value_of("a b", "/?a+b=1"), "1");
  EXPECT_EQ(value_of("name", "/?n%61me=1"), "1");
  EXPECT_EQ(value_of("n%61me", "/?n%61me=1"), std::nullopt);
}

TEST(Request, query_value_keeps_malformed_encodings) {
  EXPECT_EQ(value_of("q", "/?q=%"), "%");
  EXPECT_EQ(value_of("q", "/?q=%4"), "%4");
  EXPECT_EQ(value_of("q", "/?q=%zz+%4g%41"), "%zz %4gA");
  EXPECT_EQ(value_of("q", "/?q=%%41"), "%A");
  EXPECT_EQ(value_of("q", "/?q=100%&r=1"), "100%");
}

TEST(Request, finds_the_first_field_with_a_name_in_any_case) {
  const std::array<Field, 3> fields{{{"Host", "h"}, {"X-One", "1"}, {"x-one", "2"}}};
  const Request request({.fields = fields});
  EXPECT_EQ(request.field("host"), "h");
  EXPECT_EQ(request.field("HOST"), "h");
  EXPECT_EQ(request.field("x-ONE"), "1");
  EXPECT_EQ(request.field("X-On"), "");
  EXPECT_EQ(request.field("X-One2"), "");
  EXPECT_EQ(request.field(""), "");
  EXPECT_EQ(request.fields().size(), 3U);
}

TEST(Request, finds_the_values_of_all_fields_with_a_name) {
  const std::array<Field, 4> fields{{{"Host", "h"}, {"X-One", "1"}, {"x-one", ""}, {"X-ONE", "2, 3"}}};
  const Request request({.fields = fields});
  EXPECT_EQ(request.field_values("x-One"), (std::vector<std::string_view>{"1", "", "2, 3"}));
  EXPECT_TRUE(request.field_values("X-Two").empty());
}

TEST(Request, finds_the_first_cookie_with_a_name) {
  const std::array<Field, 3> fields{
      {{"Cookie", "a=1; b = two ;c;=5; a=6;d=x=y; e=; f=\"q\""}, {"Host", "h"}, {"COOKIE", "g=7;A=8"}}};
  const Request request({.fields = fields});
  for (const auto& [name, value] : {std::pair{"a", "1"},
                                    {"b", "two"},
                                    {"d", "x=y"},
                                    {"e", ""},
                                    {"f", "q"},
                                    {"g", "7"},
                                    {"A", "8"},
                                    {"", "5"}}) {
    EXPECT_EQ(request.cookie(name), value) << name;
  }
  EXPECT_EQ(request.cookie("c"), std::nullopt);
  EXPECT_EQ(request.cookie("1"), std::nullopt);
}

TEST(Request, reads_its_body_as_a_form) {
  const Field type{"content-type", "application/x-www-form-urlencoded; charset=utf-8"};
  const Request request({.fields = {&type, 1}, .body = "a=1&a=2"});
  EXPECT_EQ(request.form().values("a").size(), 2U);
  const Request untyped({.body = "a=1"});
  EXPECT_EQ(thrown_by([&] { static_cast<void>(untyped.form()); }), 415);
  const std::array<Field, 2> coded{type, {"Content-Encoding", "gzip"}};
  EXPECT_EQ(thrown_by([&] { static_cast<void>(Request({.fields = coded}).form()); }), 415);
}

TEST(Request, names_the_unknown_parameter_in_the_exception) {
  const std::array<Param, 2> params{{{"id", "7"}, {"rest", ""}}};
  const Request request({.params = params});
  EXPECT_EQ(request.param("id"), "7");
  EXPECT_EQ(request.param("rest"), "");
  try {
    (void)request.param("Id");
    FAIL() << "nothing was thrown";
  } catch (const std::out_of_range& error) {
    EXPECT_STREQ(error.what(), "the route has no parameter 'Id'");
  }
}

TEST(Request, carries_notes_that_can_be_replaced) {
  Request request;
  EXPECT_EQ(request.note("user"), "");
  request.set_note("user", "anna");
  request.set_note("role", "admin");
  request.set_note("user", "bert");
  EXPECT_EQ(request.note("user"), "bert");
  EXPECT_EQ(request.note("role"), "admin");
  EXPECT_EQ(request.note("User"), "");
}

TEST(Request, reads_its_body_as_json) {
  std::string name;
  const Field type{"content-type", "application/json"};
  Request({.fields = {&type, 1}, .body = R"({"name":"x"})"}).json().required("name", name).check();
  EXPECT_EQ(name, "x");
  const auto status_of = [&type](std::string_view body) {
    try {
      (void)Request({.fields = {&type, 1}, .body = body}).json();
    } catch (const HttpError& error) {
      return static_cast<int>(error.status());
    }
    return 200;
  };
  EXPECT_EQ(status_of("{}"), 200);
  EXPECT_EQ(status_of("{"), 400);
  EXPECT_EQ(status_of(""), 400);
  EXPECT_EQ(status_of("[]"), 422);
}

/// The status of the error that `json` throws, and the codings that its response lists.
std::string error_of_json(std::initializer_list<Field> fields, bool takes_any_type = false) {
  const std::vector<Field> list = fields;
  Request request({.fields = list, .body = "{}"});
  if (takes_any_type) request.accept_json_of_any_type();
  try {
    (void)request.json();
    return "";
  } catch (const HttpError& error) {
    std::string text = std::to_string(error.status());
    for (const auto& [name, value] : error.response_fields()) text += ' ' + name + ": " + value;
    return text;
  }
}

TEST(Request, reads_its_body_into_a_struct) {
  const std::array fields{Field{"Content-Type", "application/json"}};
  EXPECT_EQ(Request({.fields = fields, .body = R"({"name":"x"})"}).json<NamedBody>().name, "x");
  EXPECT_EQ(thrown_by([&] { (void)Request({.fields = fields, .body = "{}"}).json<NamedBody>(); }), 422);
  EXPECT_EQ(thrown_by([] { (void)Request({.body = R"({"name":"x"})"}).json<NamedBody>(); }), 415);
}

TEST(Request, takes_json_only_if_its_media_type_says_so) {
  EXPECT_EQ(error_of_json({{"Content-Type", "application/json"}}), "");
  EXPECT_EQ(error_of_json({{"Content-Type", "Application/JSON; charset=utf-8"}}), "");
  EXPECT_EQ(error_of_json({{"Content-Type", "application/problem+json"}}), "");
  EXPECT_EQ(error_of_json({}), "415");
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "text/json",
                           "application/jsonx", "text/plain; a=application/json"}) {
    EXPECT_EQ(error_of_json({{"Content-Type", type}}), "415") << type;
    EXPECT_EQ(error_of_json({{"Content-Type", type}}, true), "") << type;
  }
  EXPECT_EQ(error_of_json({}, true), "");
}

TEST(Request, takes_no_compressed_json) {
  const Field type{"Content-Type", "application/json"};
  EXPECT_EQ(error_of_json({type, {"Content-Encoding", "identity"}}), "");
  EXPECT_EQ(error_of_json({type, {"Content-Encoding", ""}}), "");
  for (const char* coding : {"gzip", "br", "identity, gzip", "unknown"}) {
    EXPECT_EQ(error_of_json({type, {"content-encoding", coding}}), "415 Accept-Encoding: identity") << coding;
    EXPECT_EQ(error_of_json({{"Content-Encoding", coding}}, true), "415 Accept-Encoding: identity") << coding;
  }
}

TEST(HttpError, requires_an_error_status) {
  EXPECT_EQ(HttpError(400, "").status(), 400);
  EXPECT_EQ(HttpError(599, "").status(), 599);
  for (const std::uint16_t status : Statuses{0, 200, 399, 600, 65535}) {
    EXPECT_THROW(HttpError(status, ""), std::invalid_argument) << status;
  }
}

}  // namespace
}  // namespace chopin
