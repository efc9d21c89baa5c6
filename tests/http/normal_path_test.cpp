#include "http/normal_path.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

/// The normal path, or the rejection's message.
std::string normal(std::string_view path) {
  std::string memory = "left over from the request before";
  const NormalPath result = normalise_path(path, memory);
  if (result.rejection != Rejection::none) return std::string(response_to(result.rejection).message);
  return std::string(result.path);
}

constexpr std::string_view malformed = "malformed percent-encoding in the path";
constexpr std::string_view ambiguous = "encoded slash, backslash or control byte in the path";
constexpr std::string_view above_root = "dot segments lead out of the root";

TEST(NormalPath, decodes_percent_encoded_bytes) {
  EXPECT_EQ(normal("/%41%62c"), "/Abc");
  EXPECT_EQ(normal("/a%20b"), "/a b");
  EXPECT_EQ(normal("/caf%C3%A9"), "/caf\xc3\xa9");
  EXPECT_EQ(normal("/caf%c3%a9/%F0%9F%8E%B9"), "/caf\xc3\xa9/\xf0\x9f\x8e\xb9");
  EXPECT_EQ(normal("/%3F%23%3b%7B%7d"), "/?#;{}");
}

TEST(NormalPath, decodes_once) {
  EXPECT_EQ(normal("/%2561"), "/%61");
  EXPECT_EQ(normal("/%252e%252e/a"), "/%2e%2e/a");
  EXPECT_EQ(normal("/%25"), "/%");
}

TEST(NormalPath, leaves_a_plus_alone) {
  EXPECT_EQ(normal("/a+b"), "/a+b");
  EXPECT_EQ(normal("/a+b%2Bc"), "/a+b+c");
}

TEST(NormalPath, has_no_dot_segments_as_rfc_3986_removes_them) {
  EXPECT_EQ(normal("/a/b/c/./../../g"), "/a/g");  // section 5.2.4
  EXPECT_EQ(normal("/mid/content=5/../6"), "/mid/6");
  // Section 5.4: references merged with /b/c/d;p.
  EXPECT_EQ(normal("/b/c/./g"), "/b/c/g");
  EXPECT_EQ(normal("/b/c/g/"), "/b/c/g/");
  EXPECT_EQ(normal("/b/c/."), "/b/c/");
  EXPECT_EQ(normal("/b/c/./"), "/b/c/");
  EXPECT_EQ(normal("/b/c/.."), "/b/");
  EXPECT_EQ(normal("/b/c/../"), "/b/");
  EXPECT_EQ(normal("/b/c/../g"), "/b/g");
  EXPECT_EQ(normal("/b/c/../.."), "/");
  EXPECT_EQ(normal("/b/c/../../"), "/");
  EXPECT_EQ(normal("/b/c/../../g"), "/g");
  EXPECT_EQ(normal("/b/c/./../g"), "/b/g");
  EXPECT_EQ(normal("/b/c/./g/."), "/b/c/g/");
  EXPECT_EQ(normal("/b/c/g/./h"), "/b/c/g/h");
  EXPECT_EQ(normal("/b/c/g/../h"), "/b/c/h");
  EXPECT_EQ(normal("/b/c/g;x=1/./y"), "/b/c/g;x=1/y");
  EXPECT_EQ(normal("/b/c/g;x=1/../y"), "/b/c/y");
  EXPECT_EQ(normal("/."), "/");
  EXPECT_EQ(normal("/./././"), "/");
}

TEST(NormalPath, keeps_names_that_only_begin_or_end_with_dots) {
  for (const std::string_view path :
       {"/.well-known/security.txt", "/b/c/g.", "/b/c/.g", "/b/c/g..", "/b/c/..g", "/...", "/.../a",
        "/a/....", "/a.", "/a..", "/.a.", "/..a/b"}) {
    EXPECT_EQ(normal(path), path);
  }
}

TEST(NormalPath, counts_an_empty_segment_as_a_segment) {
  EXPECT_EQ(normal("/a//../b"), "/a/b");
  EXPECT_EQ(normal("//../b"), "/b");
  EXPECT_EQ(normal("//.."), "/");
  EXPECT_EQ(normal("/a//./b"), "/a//b");
  EXPECT_EQ(normal("//a//"), "//a//");
}

TEST(NormalPath, treats_an_encoded_dot_as_a_dot) {
  EXPECT_EQ(normal("/a/%2e%2e/b"), "/b");
  EXPECT_EQ(normal("/a/.%2E/b"), "/b");
  EXPECT_EQ(normal("/a/%2e./b"), "/b");
  EXPECT_EQ(normal("/a/%2e/b"), "/a/b");
  EXPECT_EQ(normal("/%2ewell-known"), "/.well-known");
}

TEST(NormalPath, may_not_lead_out_of_the_root) {
  for (const std::string_view path : {"/..", "/../", "/../a", "/a/../..", "/a/../../b", "/./..", "/%2e%2e",
                                      "/.%2e/etc/passwd", "/a/b/../../../c", "/a/../../a", "//../.."}) {
    EXPECT_EQ(normal(path), above_root) << path;
  }
}

TEST(NormalPath, refuses_encoded_bytes_that_proxies_could_read_differently) {
  for (const std::string_view path :
       {"/%2f", "/a%2Fb", "/..%2fa", "/%5c", "/a%5Cb", "/..%5c..%5c", "/%00", "/a%00.txt", "/%01", "/%09",
        "/%0a", "/a%0D%0Ab", "/%1f", "/%7F", "/%7f"}) {
    EXPECT_EQ(normal(path), ambiguous) << path;
  }
  EXPECT_EQ(normal("/%20"), "/ ");
  EXPECT_EQ(normal("/%7e"), "/~");
}

TEST(NormalPath, marks_encoded_slashes_for_the_routes_that_take_them) {
  std::string memory;
  NormalPath result = normalise_path("/a/../%40b%2fc%5C%2E%2e/d", memory);
  EXPECT_EQ(result.rejection, Rejection::path_encoding_ambiguous);
  EXPECT_TRUE(result.has_only_slashes_refused);
  EXPECT_EQ(result.path,
            "/@b\x01"
            "c\x02../d");
  restore_slashes(memory);
  EXPECT_EQ(result.path, "/@b/c\\../d");
  for (const std::string_view path : {"/%2f%00", "/%2f%zz", "/%2f%ff", "/%2f/../..", "/%2f\\", "/%01%2f"}) {
    result = normalise_path(path, memory);
    EXPECT_NE(result.rejection, Rejection::none) << path;
    EXPECT_FALSE(result.has_only_slashes_refused) << path;
  }
}

TEST(NormalPath, refuses_backslashes) {
  for (const std::string_view path : {"/\\", "/a\\b", "/..\\json", "/%41\\", "/a-long-one/a\\../json"}) {
    EXPECT_EQ(normal(path), "malformed request target") << path;
  }
}

TEST(NormalPath, refuses_malformed_encodings) {
  for (const std::string_view path :
       {"/%", "/%4", "/a%", "/%zz", "/%4g", "/%g4", "/%%41", "/% 1", "/%-1", "/%u0041", "/%0x41", "/%4/1"}) {
    EXPECT_EQ(normal(path), malformed) << path;
  }
}

TEST(NormalPath, refuses_encodings_of_malformed_utf_8) {
  for (const std::string_view path :
       {"/%ff", "/%80", "/a%c3", "/%c3/%a9", "/%c0%ae%c0%ae/", "/%c0%af", "/%c1%9c", "/%e0%80%af",
        "/%f0%80%80%af", "/%ed%a0%80", "/%f4%90%80%80", "/%f8%88%80%80%80", "/%e2%82", "/%a9%c3"}) {
    EXPECT_EQ(normal(path), malformed) << path;
  }
  EXPECT_EQ(normal("/%ed%9f%bf%f4%8f%bf%bf"), "/\xed\x9f\xbf\xf4\x8f\xbf\xbf");
}

TEST(NormalPath, is_a_view_of_the_original_if_nothing_changes) {
  for (const std::string_view path : {"/", "/json", "/a/b.c/d..", "//", "*", "example.com:443", ""}) {
    std::string memory;
    const NormalPath result = normalise_path(path, memory);
    EXPECT_EQ(result.rejection, Rejection::none);
    EXPECT_EQ(result.path.data(), path.data()) << path;
    EXPECT_EQ(result.path.size(), path.size()) << path;
  }
}

TEST(NormalPath, leaves_other_targets_than_paths_alone) {
  EXPECT_EQ(normal("*"), "*");
  EXPECT_EQ(normal("[::1]:80"), "[::1]:80");
  EXPECT_EQ(normal("a%2f/../b:1"), "a%2f/../b:1");
}

}  // namespace
}  // namespace chopin::http
