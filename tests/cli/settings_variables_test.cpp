#include <map>
#include <string>

#include <gtest/gtest.h>

#include "cli/reading.hpp"
#include "cli/settings.hpp"

namespace chopin::cli {
namespace {

TEST(Settings, ignore_empty_variables) {
  EXPECT_EQ(settings({.environment = {{"SERVER_PORT", ""}}}).port, 3000);
  EXPECT_EQ(settings({.environment = {{"SERVER_PORT", ""}}, .dotenv = "SERVER_PORT=4000"}).port, 4000);
  EXPECT_EQ(settings({.dotenv = "SERVER_PORT=\n", .config_file = "port = 5000"}).port, 5000);
}

TEST(Settings, warn_of_names_with_the_prefix_that_no_setting_has) {
  EXPECT_EQ(warnings_of({.environment = {{"CHOPIN_PORT", "1"}, {"SERVR_PORT", "1"}, {"CHOPINX", "1"}}}),
            Warnings{"CHOPIN_PORT: there is no such setting"});
  EXPECT_EQ(warnings_of({.dotenv = "CHOPIN_MODE=fast\nCHOPIN_=1\n"}),
            (Warnings{"CHOPIN_ in .env: there is no such setting",
                      "CHOPIN_MODE in .env: there is no such setting"}));
  std::map<std::string, std::string> many;
  for (char c = 'A'; c <= 'Z'; ++c) many[std::string("CHOPIN_") + c] = "1";
  EXPECT_EQ(warnings_of({.environment = many}).size(), 9U);
  EXPECT_EQ(warnings_of({.environment = many}).back(), "and 18 more such names");
}

TEST(Settings, ignore_the_variables_that_kubernetes_makes_of_a_service_called_chopin) {
  EXPECT_EQ(warnings_of({.environment = {{"CHOPIN_SERVICE_HOST", "10.0.0.1"},
                                         {"CHOPIN_SERVICE_PORT", "80"},
                                         {"CHOPIN_PORT", "tcp://10.0.0.1:80"},
                                         {"CHOPIN_PORT_80_TCP_ADDR", "10.0.0.1"}}}),
            Warnings{});
}

TEST(Settings, say_where_the_address_of_a_service_comes_from) {
  EXPECT_EQ(
      error_of({.environment = {{"SERVER_PORT", "tcp://10.0.0.1:3000"}}}),
      "SERVER_PORT: 'tcp://10.0.0.1:3000' is not accepted; give 0..65535 (Kubernetes sets it for a service "
      "called 'server': enableServiceLinks: false, or CHOPIN_SERVER_PORT helps)");
  EXPECT_EQ(
      error_of({.environment = {{"CHOPIN_SERVER_PORT", "tcp://10.0.0.1:3000"}}}),
      "CHOPIN_SERVER_PORT: 'tcp://10.0.0.1:3000' is not accepted; give 0..65535 (Kubernetes sets it for a "
      "service called 'chopin-server': enableServiceLinks: false helps)");
  EXPECT_EQ(
      settings({.environment = {{"SERVER_PORT", "tcp://10.0.0.1:3000"}, {"CHOPIN_SERVER_PORT", "4000"}}})
          .port,
      4000);
}

TEST(Settings, say_that_quotes_and_white_space_belong_to_the_value) {
  EXPECT_EQ(error_of({.environment = {{"SERVER_PORT", "\"4305\""}}}),
            "SERVER_PORT: '\"4305\"' is not accepted; give 0..65535 (the quotes are part of the value)");
  EXPECT_EQ(
      error_of({.environment = {{"SERVER_MODE", "'performance'"}}}),
      "SERVER_MODE: ''performance'' is not accepted; give standard, performance (perf, fast) (the quotes "
      "are part of the value)");
  EXPECT_EQ(error_of({.environment = {{"SERVER_PORT", "4305 "}}}),
            "SERVER_PORT: '4305 ' is not accepted; give 0..65535 (the white space is part of the value)");
}

}  // namespace
}  // namespace chopin::cli
