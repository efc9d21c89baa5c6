#include <string>

#include <gtest/gtest.h>

#include "cli/reading.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::cli {
namespace {

const std::string token_secret = "SECRET, long enough for production";

TEST(TokenSettings, take_the_secret_from_a_file_without_the_end_of_its_line) {
  const test::TemporaryFolder folder;
  for (const char* end : {"", "\n", "\r\n"}) {
    folder.write("secret", token_secret + end);
    EXPECT_EQ(settings({.environment = {{"JWT_SECRET_FILE", folder.path() + "/secret"}}}).auth.secret,
              token_secret);
  }
  folder.write("secret", std::string(1024, 'x') + "\r\n");
  EXPECT_EQ(settings({.environment = {{"JWT_SECRET_FILE", folder.path() + "/secret"}}}).auth.secret.size(),
            1024U);
}

TEST(TokenSettings, name_a_file_whose_secret_cannot_be_used) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/secret";
  const Given given{.environment = {{"JWT_SECRET_FILE", path}}};
  EXPECT_EQ(error_of(given), "JWT_SECRET_FILE: there is no file " + path);
  folder.write("secret", "");
  EXPECT_EQ(error_of(given), "JWT_SECRET_FILE: in " + path + ": the secret is empty");
  folder.write("secret", "\n");
  EXPECT_EQ(error_of(given), "JWT_SECRET_FILE: in " + path + ": the secret is empty");
  folder.write("secret", token_secret + "\n\n");
  EXPECT_EQ(error_of(given), "JWT_SECRET_FILE: in " + path + ": the secret has a control character");
  folder.write("secret", std::string(1025, 'x'));
  EXPECT_EQ(error_of(given), "JWT_SECRET_FILE: in " + path + ": the secret has more than 1024 bytes");
  folder.write("secret", std::string(1027, 'x'));
  EXPECT_EQ(error_of(given), "JWT_SECRET_FILE: " + path + " is larger than 1024 bytes");
  EXPECT_EQ(error_of({.dotenv = "JWT_SECRET_FILE=" + folder.path()}),
            "JWT_SECRET_FILE in .env: " + folder.path() + " is not a regular file");
}

TEST(TokenSettings, refuse_a_secret_and_a_file_that_holds_another) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/secret";
  folder.write("secret", token_secret);
  EXPECT_EQ(error_of({.environment = {{"JWT_SECRET_FILE", path}}, .dotenv = "JWT_SECRET=other"}),
            "JWT_SECRET in .env contradicts JWT_SECRET_FILE=" + path + ": the file holds another secret");
  EXPECT_EQ(settings({.environment = {{"JWT_SECRET_FILE", path}, {"JWT_SECRET", token_secret}}}).auth.secret,
            token_secret);
}

TEST(TokenSettings, never_print_a_secret_wherever_it_is) {
  const std::string wrong = token_secret + "\x01";
  for (const Given& given :
       {Given{.flags = {"--jwt-secret", wrong}}, Given{.flags = {"--jwt-secret=" + wrong}},
        Given{.flags = {"--jwt-secert=" + wrong}}, Given{.flags = {"--jwt-secert", wrong}},
        Given{.flags = {"-jwt-secret=" + wrong}}, Given{.flags = {"jwt-secret", wrong}},
        Given{.flags = {"--jwt-secret", wrong, "--jwt-secret", wrong}},
        Given{.flags = {"--jwt-secret-previous", wrong, "--jwt-secret-previous", wrong}},
        Given{.environment = {{"JWT_SECRET", wrong}}},
        Given{.environment = {{"CHOPIN_JWT_SECRET_PREVIOUS", wrong}}}, Given{.dotenv = "JWT_SECRET=" + wrong},
        Given{.dotenv = "JWT_SECRET=\"" + wrong}, Given{.config_file = "jwt-secret = " + wrong},
        Given{.config_file = "jwt-secret: " + wrong}, Given{.config_file = "jwt-secret " + wrong},
        Given{.config_file = "jwt_secret = " + wrong}}) {
    const std::string error = error_of(given);
    EXPECT_NE(error, "");
    EXPECT_EQ(error.find("SECRET,"), std::string::npos) << error;
    EXPECT_EQ(error.find("production"), std::string::npos) << error;
  }
  EXPECT_EQ(std::get<HelpWanted>(read({.flags = {"--help"}, .environment = {{"JWT_SECRET", token_secret}}}))
                .text.find("SECRET,"),
            std::string::npos);
}

TEST(TokenSettings, warn_of_a_secret_in_a_flag) {
  EXPECT_EQ(warnings_of({.flags = {"--jwt-secret", token_secret}}),
            Warnings{"--jwt-secret: whoever may run ps sees the secret; JWT_SECRET_FILE names a file that "
                     "holds it"});
  EXPECT_EQ(warnings_of({.flags = {"--jwt-secret-previous", token_secret}}),
            Warnings{"--jwt-secret-previous: whoever may run ps sees the secret; put it into the "
                     "variable JWT_SECRET_PREVIOUS"});
  EXPECT_EQ(warnings_of({.environment = {{"JWT_SECRET", token_secret}}}), Warnings{});
}

TEST(TokenSettings, accept_the_start_line_with_a_short_secret_in_every_environment) {
  for (const char* environment : {"development", "production", "test"}) {
    const Config config = settings({.environment = {{"REUSEPORT", "true"},
                                                    {"DATABASE_URL", "sqlite::memory:"},
                                                    {"JWT_SECRET", "bench"},
                                                    {"ENVIRONMENT", environment}}});
    EXPECT_EQ(config.auth.secret, "bench");
    EXPECT_EQ(config.fault(), "");
  }
}

}  // namespace
}  // namespace chopin::cli
