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

TEST(Readme, shows_the_example_that_the_consumer_project_builds_and_runs) {
  const std::string readme = contents_of(CHOPIN_README);
  for (const char* file : {CHOPIN_CONSUMER "/items.hpp", CHOPIN_CONSUMER "/main.cpp"}) {
    const std::string code = contents_of(file);
    ASSERT_FALSE(code.empty()) << file;
    EXPECT_NE(readme.find("```cpp\n" + code + "```\n"), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace chopin
