#include "docs/page.hpp"

#include <algorithm>
#include <array>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "docs/page_text.hpp"

namespace chopin::docs {
namespace {

/// What is between the only opening and the only closing tag of this name.
std::string content_of(std::string_view name, const std::string& html) {
  const std::string opening = "<" + std::string(name) + ">";
  const std::string closing = "</" + std::string(name) + ">";
  const std::size_t begin = html.find(opening);
  const std::size_t end = html.find(closing);
  EXPECT_NE(begin, std::string::npos);
  EXPECT_NE(end, std::string::npos);
  EXPECT_EQ(begin, html.rfind(opening)) << "there are several";
  EXPECT_EQ(end, html.rfind(closing)) << "there are several";
  return html.substr(begin + opening.size(), end - begin - opening.size());
}

/// The base64 of a SHA-256 back in bytes, and those of the text.
void expect_hash(const std::string& policy, const std::string& directive, const std::string& text) {
  std::smatch found;
  ASSERT_TRUE(
      std::regex_search(policy, found, std::regex(directive + " 'sha256-([A-Za-z0-9+/]{43}=)'(;|$)")));
  const std::string encoded = found[1];
  std::array<unsigned char, 33> decoded{};
  ASSERT_EQ(EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(encoded.data()), 44), 33);
  std::array<unsigned char, 32> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  EXPECT_TRUE(std::equal(digest.begin(), digest.end(), decoded.begin())) << directive;
}

TEST(Page, has_between_10_and_20_kilobytes) {
  EXPECT_GE(page().html.size(), 10U * 1024);
  EXPECT_LE(page().html.size(), 20U * 1024);
}

TEST(Page, has_its_style_and_its_script_inline) {
  const std::string html = page().html;
  EXPECT_EQ(content_of("style", html), page_css);
  EXPECT_EQ(content_of("script", html), page_js);
  EXPECT_FALSE(page_css.empty());
  EXPECT_FALSE(page_js.empty());
}

TEST(Page, has_a_policy_that_allows_this_style_and_this_script_alone) {
  const Page made = page();
  expect_hash(made.content_security_policy, "script-src", content_of("script", made.html));
  expect_hash(made.content_security_policy, "style-src", content_of("style", made.html));
  const std::string rest =
      std::regex_replace(made.content_security_policy, std::regex("'sha256-[^']*'"), "HASH");
  EXPECT_EQ(rest,
            "default-src 'none'; script-src HASH; style-src HASH; connect-src 'self'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'");
}

TEST(Page, names_no_other_origin) {
  const std::string html = page().html;
  for (const std::string_view text :
       {"http:", "https:", "//cdn", "@import", "url(", " src=", "srcset", "<link"}) {
    EXPECT_EQ(html.find(text), std::string::npos) << text;
  }
}

TEST(Page, has_no_style_attribute_and_nothing_that_makes_markup_of_a_text) {
  const std::string html = page().html;
  for (const std::string_view text : {" style=", "innerHTML", "outerHTML", "insertAdjacentHTML",
                                      "document.write", "eval(", "Function(", "Storage", "cookie ="}) {
    EXPECT_EQ(html.find(text), std::string::npos) << text;
  }
}

TEST(Page, loses_the_comments_of_its_sources) {
  const std::string html = page().html;
  EXPECT_EQ(html.find("embed_page"), std::string::npos);
  EXPECT_EQ(html.find("// "), std::string::npos);
  EXPECT_EQ(html.find("\n "), std::string::npos);
}

TEST(Page, is_a_fast_route_with_the_fields_that_browsers_must_see) {
  const FastRoute route = page_route("/api-docs");
  EXPECT_EQ(route.fault(), "");
  EXPECT_EQ(route.path(), "/api-docs");
  EXPECT_EQ(route.body(), page().html);
  EXPECT_EQ(route.content_type(), "text/html; charset=utf-8");
  const FastRoute::Headers expected{{"Content-Security-Policy", page().content_security_policy},
                                    {"X-Content-Type-Options", "nosniff"},
                                    {"Referrer-Policy", "no-referrer"}};
  EXPECT_EQ(route.headers(), expected);
}

}  // namespace
}  // namespace chopin::docs
