#include "app/fortunes_page.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chopin::app {
namespace {

std::string escaped(std::string_view text) {
  std::string html = "[";
  append_escaped(html, text);
  return html + "]";
}

TEST(FortunesPage, escapes_what_html_takes_for_markup_and_nothing_else) {
  EXPECT_EQ(escaped("<a href=\"x\">'&'</a>"), "[&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;]");
  EXPECT_EQ(escaped(""), "[]");
  EXPECT_EQ(escaped("plain — フレーム / ( ) +"), "[plain — フレーム / ( ) +]");
  EXPECT_EQ(escaped("&lt;"), "[&amp;lt;]");
  EXPECT_EQ(escaped("<<"), "[&lt;&lt;]");
}

TEST(FortunesPage, adds_a_fortune_and_sorts_all_by_the_bytes_of_their_messages) {
  EXPECT_EQ(fortunes_page({{1, "b"}, {2, "\u30d5"}, {3, "Z"}, {-4, "Additional"}}),
            "<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>"
            "<tr><th>id</th><th>message</th></tr>"
            "<tr><td>-4</td><td>Additional</td></tr>"
            "<tr><td>0</td><td>Additional fortune added at request time.</td></tr>"
            "<tr><td>3</td><td>Z</td></tr>"
            "<tr><td>1</td><td>b</td></tr>"
            "<tr><td>2</td><td>\u30d5</td></tr>"
            "</table></body></html>");
}

}  // namespace
}  // namespace chopin::app
