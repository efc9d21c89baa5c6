#include "load_client/options.hpp"

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace load {
namespace {

Options read(std::initializer_list<const char*> words) {
  const std::vector<const char*> list(words);
  return read_options(list);
}

std::string fault_of(std::initializer_list<const char*> words) {
  try {
    read(words);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

TEST(LoadOptions, are_read_in_both_forms) {
  const Options options =
      read({"--port", "80", "--rate=1000", "--request", "a", "--request=b", "--warm-up=1"});
  EXPECT_EQ(options.port, 80);
  EXPECT_EQ(options.rate, 1000U);
  EXPECT_EQ(options.warm_up, 1U);
  EXPECT_EQ(options.requests, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options.connections, 64U);
}

TEST(LoadOptions, that_are_missing_are_named) {
  EXPECT_EQ(fault_of({"--request", "a"}), "--port is missing");
  EXPECT_EQ(fault_of({"--port", "80"}), "--request is missing");
}

TEST(LoadOptions, out_of_range_are_named_with_their_range) {
  EXPECT_EQ(fault_of({"--port", "0"}), "--port is '0', expected is a whole number from 1 to 65535");
  EXPECT_EQ(fault_of({"--connections=0"}),
            "--connections is '0', expected is a whole number from 1 to 65000");
  EXPECT_EQ(fault_of({"--rate", "10000001"}),
            "--rate is '10000001', expected is a whole number from 0 to 10000000");
}

TEST(LoadOptions, that_are_no_numbers_are_quoted) {
  for (const char* const text : {"", "1.5", "-1", "10s", " 1", "99999999999999999999"}) {
    EXPECT_EQ(fault_of({"--seconds", text}),
              "--seconds is '" + std::string(text) + "', expected is a whole number from 1 to 86400");
  }
}

TEST(LoadOptions, that_do_not_exist_or_have_no_value_are_named) {
  EXPECT_EQ(fault_of({"--ratee", "5"}), "--ratee: there is no such option");
  EXPECT_EQ(fault_of({"--rate"}), "--rate: its value is missing, or there is no such option");
}

}  // namespace
}  // namespace load
