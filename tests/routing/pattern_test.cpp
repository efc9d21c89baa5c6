#include "routing/pattern.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::routing {
namespace {

/// The segments of a pattern as a list: "text:users param:id".
std::string segments_of(std::string_view text) {
  const Pattern pattern(text);
  EXPECT_EQ(pattern.fault(), "") << text;
  std::string list;
  for (const auto& [kind, name] : pattern.segments()) {
    if (!list.empty()) list += ' ';
    list += kind == Pattern::Kind::text ? "text:" : kind == Pattern::Kind::param ? "param:" : "rest:";
    list += name;
  }
  return list;
}

std::string fault_of(std::string_view text) {
  return Pattern(text).fault();
}

TEST(Pattern, is_split_at_its_slashes) {
  EXPECT_EQ(segments_of("/"), "text:");
  EXPECT_EQ(segments_of("/users"), "text:users");
  EXPECT_EQ(segments_of("/users/"), "text:users text:");
  EXPECT_EQ(segments_of("//a"), "text: text:a");
  EXPECT_EQ(segments_of("/users/{id}/posts/{post}"), "text:users param:id text:posts param:post");
  EXPECT_EQ(segments_of("/{id}/"), "param:id text:");
  EXPECT_EQ(segments_of("/files/{path...}"), "text:files rest:path");
  EXPECT_EQ(segments_of("/{all...}"), "rest:all");
}

TEST(Pattern, accepts_as_text_everything_that_a_decoded_path_can_hold) {
  for (const std::string_view text : {"a b", "caf\xc3\xa9", "100%", "a+b", ".well-known", "...", "a..",
                                      "#;:@&=$,!'()*~_-", ":", "a:b", "a*", "<a", "a>"}) {
    EXPECT_EQ(segments_of("/" + std::string(text)), "text:" + std::string(text));
  }
}

TEST(Pattern, must_start_with_a_slash) {
  for (const std::string_view text : {"", "a", "{id}", "*", " /a"}) {
    EXPECT_EQ(fault_of(text), "the pattern must start with '/'") << text;
  }
}

TEST(Pattern, has_parameters_for_whole_segments_only) {
  for (const std::string_view segment :
       {"a{id}", "{id}a", "{id", "id}", "{", "}", "{a}{b", "v{a}.{b}", "}{"}) {
    EXPECT_EQ(fault_of("/" + std::string(segment)),
              "'" + std::string(segment) + "': a parameter is a whole segment");
  }
  EXPECT_EQ(fault_of("/{a/b}"), "'{a': a parameter is a whole segment");
}

TEST(Pattern, refuses_the_parameters_of_other_frameworks) {
  for (const std::string segment : {":id", "<id>", "<int>", "<int:id>"}) {
    EXPECT_EQ(fault_of("/a/" + segment), "'" + segment + "': a parameter is written {name}");
    EXPECT_EQ(fault_of("/" + segment + "/b"), "'" + segment + "': a parameter is written {name}");
  }
  for (const std::string segment : {"*", "**", "*path"}) {
    EXPECT_EQ(fault_of("/a/" + segment), "'" + segment + "': the rest of a path is written {name...}");
  }
  for (const std::string segment : {"o?x=1", "?", "id?"}) {
    EXPECT_EQ(fault_of("/" + segment), "'" + segment + "': a pattern has no query and no optional parts");
  }
}

TEST(Pattern, requires_a_valid_name_for_a_parameter) {
  EXPECT_EQ(fault_of("/{}"), "'' is no name for a parameter");
  EXPECT_EQ(fault_of("/{...}"), "'' is no name for a parameter");
  EXPECT_EQ(fault_of("/{a b}"), "'a b' is no name for a parameter");
  EXPECT_EQ(fault_of("/{{a}}"), "'{a}' is no name for a parameter");
  EXPECT_EQ(fault_of("/{a}{b}"), "'a}{b' is no name for a parameter");
  EXPECT_EQ(fault_of("/{*all}"), "'*all' is no name for a parameter");
  EXPECT_EQ(fault_of("/{id:[0-9]+}"), "'id:[0-9]+' is no name for a parameter");
}

TEST(Pattern, is_written_decoded) {
  EXPECT_EQ(fault_of("/a%20b"), "'a%20b': patterns are written decoded");
  EXPECT_EQ(fault_of("/100%"), "");
}

TEST(Pattern, refuses_two_parameters_with_the_same_name) {
  EXPECT_EQ(fault_of("/{a}/{a}"), "two parameters are called 'a'");
  EXPECT_EQ(fault_of("/{a}/b/{a...}"), "two parameters are called 'a'");
  EXPECT_EQ(fault_of("/a/{a}/{A}"), "");
}

TEST(Pattern, allows_the_rest_only_at_its_end) {
  EXPECT_EQ(fault_of("/{rest...}/a"), "'{rest...}' must be the last segment");
  EXPECT_EQ(fault_of("/{rest...}/"), "'{rest...}' must be the last segment");
  EXPECT_EQ(fault_of("/{a...}/{b...}"), "'{a...}' must be the last segment");
}

TEST(Pattern, refuses_what_no_normal_path_can_contain) {
  EXPECT_EQ(fault_of("/a/./b"), "requests have no dot segments");
  EXPECT_EQ(fault_of("/.."), "requests have no dot segments");
  EXPECT_EQ(fault_of("/a\\b"), "requests have no backslashes in their paths");
  for (const char c : {'\0', '\t', '\n', '\r', '\x1f', '\x7f'}) {
    EXPECT_EQ(fault_of(std::string("/a") + c), "a control byte in the pattern") << static_cast<int>(c);
  }
}

TEST(Pattern, has_the_same_shape_as_patterns_that_match_the_same_paths) {
  EXPECT_EQ(Pattern("/a/{b}/c/{d...}").shape(), Pattern("/a/{x}/c/{y...}").shape());
  EXPECT_NE(Pattern("/a/{b}").shape(), Pattern("/a/{b...}").shape());
  EXPECT_NE(Pattern("/a/{b}").shape(), Pattern("/{b}/a").shape());
  EXPECT_NE(Pattern("/a").shape(), Pattern("/a/").shape());
  EXPECT_EQ(Pattern("/a//b/").shape(), "/a//b/");
}

TEST(Pattern, without_parameters_is_exact) {
  EXPECT_TRUE(Pattern("/a/b").is_exact());
  EXPECT_FALSE(Pattern("/a/{b}").is_exact());
  EXPECT_FALSE(Pattern("/a/{b...}").is_exact());
}

}  // namespace
}  // namespace chopin::routing
