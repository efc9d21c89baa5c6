#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace chopin {
namespace {

std::string contents_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(LibraryPage, shows_the_example_that_the_consumer_project_builds_and_runs) {
  const std::string page = contents_of(CHOPIN_SOURCE "/include/chopin/README.md");
  for (const char* file :
       {CHOPIN_CONSUMER "/greetings.hpp", CHOPIN_CONSUMER "/items.hpp", CHOPIN_CONSUMER "/main.cpp",
        CHOPIN_CONSUMER "/notes.hpp", CHOPIN_CONSUMER "/tokens.hpp"}) {
    const std::string code = contents_of(file);
    ASSERT_FALSE(code.empty()) << file;
    EXPECT_NE(page.find("```cpp\n" + code + "```\n"), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace chopin
