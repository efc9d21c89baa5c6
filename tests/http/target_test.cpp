#include "http/target.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chopin::http {
namespace {

TEST(Target, origin_form_ends_its_path_at_the_query) {
  for (const std::string path : {"/", "/json", "/plaintext", "/a/very/long/path/with/segments"}) {
    for (const std::string query : {"", "?", "?a=1", "?a=1&b=/c?d"}) {
      const std::string text = path + query;
      const Target target = parse_target(Method::get, text);
      EXPECT_EQ(target.form, TargetForm::origin) << text;
      EXPECT_EQ(target.path, path) << text;
    }
  }
}

TEST(Target, refuses_a_fragment_and_bytes_outside_ascii_at_any_offset) {
  for (const std::string bad : {"#", "\x80", "\xc3\xa4", "\xff"}) {
    for (const std::string before : {"/", "/1234567", "/?", "/12345678901234567890?12345678"}) {
      for (const std::string after : {"", "a", "12345678", "?q"}) {
        const std::string text = before + bad + after;
        EXPECT_EQ(parse_target(Method::get, text).form, TargetForm::malformed) << text;
      }
    }
  }
}

TEST(Target, does_not_treat_a_backslash_as_a_slash) {
  EXPECT_EQ(parse_target(Method::get, "\\a").form, TargetForm::malformed);
  EXPECT_EQ(parse_target(Method::get, "http:\\\\h/a").form, TargetForm::malformed);
  EXPECT_EQ(parse_target(Method::get, "http://h\\b/").form, TargetForm::malformed);
  EXPECT_EQ(parse_target(Method::get, "/?a\\b").path, "/");
  EXPECT_EQ(parse_target(Method::get, "/a-long-path\\b?c\\d").path, "/a-long-path\\b");
}

TEST(Target, absolute_form_is_an_http_uri_with_a_host) {
  EXPECT_EQ(parse_target(Method::get, "http://example.com/json?x").path, "/json");
  EXPECT_EQ(parse_target(Method::get, "HTTPS://Example.com:443/json").path, "/json");
  EXPECT_EQ(parse_target(Method::get, "http://[::1]:80/json").path, "/json");
  EXPECT_EQ(parse_target(Method::get, "http://example.com").path, "/");
  EXPECT_EQ(parse_target(Method::get, "http://example.com?q").path, "/");
  for (const char* bad :
       {"http:///json", "http://", "ftp://example.com/", "http:/json", "http://u@example.com/",
        "http://example.com:x/", "http://exa mple/", "//example.com/json:80", "json", "*x", "http"}) {
    const std::string_view text = bad;
    if (text.starts_with("//")) continue;  // an origin form whose first segment is empty
    EXPECT_EQ(parse_target(Method::get, text).form, TargetForm::malformed) << text;
  }
}

TEST(Target, an_absolute_options_target_without_a_path_means_the_whole_server) {
  EXPECT_EQ(parse_target(Method::options, "http://example.com").path, "*");
  EXPECT_EQ(parse_target(Method::options, "http://example.com/").path, "/");
}

TEST(Target, the_asterisk_is_for_options_alone) {
  EXPECT_EQ(parse_target(Method::options, "*").form, TargetForm::asterisk);
  EXPECT_EQ(parse_target(Method::get, "*").form, TargetForm::malformed);
}

TEST(Target, connect_needs_a_host_and_a_port) {
  EXPECT_EQ(parse_target(Method::connect, "example.com:443").form, TargetForm::authority);
  EXPECT_EQ(parse_target(Method::connect, "[::1]:443").form, TargetForm::authority);
  for (const char* bad : {"example.com", "example.com:", "[::1]", "/", "http://example.com/", ":443"}) {
    EXPECT_EQ(parse_target(Method::connect, bad).form, TargetForm::malformed) << bad;
  }
  EXPECT_EQ(parse_target(Method::get, "example.com:443").form, TargetForm::malformed);
}

TEST(HostAndPort, accepts_names_addresses_and_ports) {
  for (const char* good : {"a", "example.com", "a_b-c.~d", "127.0.0.1:3000", "[::1]", "[2001:db8::1]:8080",
                           "[::ffff:1.2.3.4]", "h:", "h:65535", "%41bc", "a,b", "x%2Dy:1"}) {
    EXPECT_TRUE(is_host_and_port(good)) << good;
  }
}

TEST(HostAndPort, refuses_everything_else) {
  for (const char* bad : {"",
                          ":80",
                          "a b",
                          "a/b",
                          "a@b",
                          "a:b",
                          "a:65536",
                          "a:99999999999",
                          "a:1:2",
                          "[::1",
                          "::1",
                          "[]",
                          "[::g]",
                          "[1.2.3.4]",
                          "[::1]x",
                          "[::1%25eth0]",
                          "[::1]:x",
                          "a%4",
                          "a%zz",
                          "a\\b",
                          "a\"",
                          "<a>",
                          "a?b",
                          "a#b",
                          "\xc3\xa4",
                          "[12345::]",
                          "[1:2:3:4:5:6:7:8:9]"}) {
    EXPECT_FALSE(is_host_and_port(bad)) << bad;
  }
}

}  // namespace
}  // namespace chopin::http
