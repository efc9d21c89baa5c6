#include "app/refresh_token.hpp"

#include <cstddef>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace chopin::app {
namespace {

TEST(RefreshToken, is_a_selector_and_a_secret_that_are_read_again) {
  const RefreshToken token = RefreshToken::make();
  EXPECT_EQ(token.text().size(), 66U);
  EXPECT_EQ(token.text()[22], '.');
  const auto read = RefreshToken::read(token.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), token.text());
  EXPECT_EQ(read->hash(), token.hash());
  EXPECT_EQ(read->family(), token.family());
}

TEST(RefreshToken, is_followed_by_others_of_its_family) {
  const RefreshToken token = RefreshToken::make();
  std::set<std::string> hashes{token.hash()};
  for (int i = 0; i < 10; ++i) {
    const RefreshToken next = token.next();
    EXPECT_EQ(next.family(), token.family());
    EXPECT_TRUE(hashes.insert(next.hash()).second);
  }
  EXPECT_NE(RefreshToken::make().family(), token.family());
}

TEST(RefreshToken, shows_neither_selector_nor_secret_in_what_the_database_gets) {
  const RefreshToken token = RefreshToken::make();
  for (const std::string& stored : {token.family(), token.hash()}) {
    EXPECT_EQ(stored.find(token.text().substr(0, 22)), std::string::npos);
    EXPECT_EQ(stored.find(token.text().substr(23)), std::string::npos);
  }
  EXPECT_EQ(token.family().size(), 22U);
  EXPECT_EQ(token.hash().size(), 43U);
}

TEST(RefreshToken, is_not_read_from_other_texts) {
  const std::string text = RefreshToken::make().text();
  const auto with = [&](std::size_t at, char c) {
    std::string changed = text;
    changed[at] = c;
    return changed;
  };
  for (const std::string& other :
       {std::string(), std::string("."), std::string(66, 'A'), text.substr(1), text.substr(0, 65), text + "A",
        with(22, '-'), with(0, '+'), with(30, '/'), with(40, '='), with(50, '\0'), with(60, '\xff'),
        with(21, 'B'), with(65, 'B')}) {  // unused bits that are not zero
    EXPECT_FALSE(RefreshToken::read(other)) << other;
  }
}

}  // namespace
}  // namespace chopin::app
