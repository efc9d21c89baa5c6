#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/reading.hpp"
#include "harness/temporary_folder.hpp"

namespace chopin::cli {
namespace {

using namespace std::chrono_literals;

const std::string with_password = "postgres://user:SECRET@host/name";

TEST(DatabaseSettings, take_the_url_from_a_file_without_the_end_of_its_line) {
  const test::TemporaryFolder folder;
  for (const char* end : {"", "\n", "\r\n"}) {
    folder.write("url", with_password + end);
    EXPECT_EQ(settings({.environment = {{"DATABASE_URL_FILE", folder.path() + "/url"}}}).database.url,
              with_password);
  }
}

TEST(DatabaseSettings, name_a_file_whose_url_cannot_be_read) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/url";
  const Given given{.environment = {{"DATABASE_URL_FILE", path}}};
  EXPECT_EQ(error_of(given), "DATABASE_URL_FILE: there is no file " + path);
  EXPECT_EQ(error_of({.environment = {{"DATABASE_URL_FILE", "/none\nforged"}}}),
            "DATABASE_URL_FILE: there is no file /none?forged");
  folder.write("url", "");
  EXPECT_EQ(error_of(given).find("DATABASE_URL_FILE: in " + path + ": the URL is empty"), 0U);
  folder.write("url", std::string(8195, 'x'));
  EXPECT_EQ(error_of(given), "DATABASE_URL_FILE: " + path + " is larger than 8192 bytes");
  folder.write("url", with_password + "\n\n");
  EXPECT_EQ(error_of(given), "DATABASE_URL_FILE: in " + path + ": the URL has a control character");
  folder.write("url", "postgres://user:SECRET@host:port\n");
  EXPECT_EQ(error_of(given).find("DATABASE_URL_FILE: in " + path + ": a port is a number"), 0U);
  EXPECT_EQ(error_of({.dotenv = "DATABASE_URL_FILE=" + folder.path()}),
            "DATABASE_URL_FILE in .env: " + folder.path() + " is not a regular file");
  EXPECT_EQ(error_of({.config_file = "database-url-file = " + with_password}),
            "database-url-file in chopin.conf: give the path of a file that holds the URL, not the URL");
}

TEST(DatabaseSettings, refuse_a_url_and_a_file_that_holds_another) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/url";
  folder.write("url", with_password);
  EXPECT_EQ(error_of({.environment = {{"DATABASE_URL_FILE", path}}, .dotenv = "DATABASE_URL=none"}),
            "DATABASE_URL in .env contradicts DATABASE_URL_FILE=" + path + ": the file holds another URL");
  EXPECT_EQ(
      settings({.environment = {{"DATABASE_URL_FILE", path}, {"DATABASE_URL", with_password}}}).database.url,
      with_password);
}

TEST(DatabaseSettings, never_print_a_password_wherever_it_is) {
  for (const std::string url :
       {"postgres://user:SECRET@host:port/name", "postgres://user:SEC@RET@host", "mysql://user:SECRET@host",
        "postgres://host?password=SECRET&nonsense=1", "host=h password=SECRET"}) {
    for (const Given& given :
         {Given{.flags = {"--database-url", url}}, Given{.flags = {"--database-url=" + url}},
          Given{.flags = {"--database-ulr=" + url}}, Given{.flags = {"--port", url}}, Given{.flags = {url}},
          Given{.flags = {"--database-url", url, "--database-url", url}}, Given{.flags = {"-d" + url}},
          Given{.flags = {"--help=" + url}}, Given{.environment = {{"DATABASE_URL", url}}},
          Given{.environment = {{"DATABASE_URL_FILE", url}}}, Given{.dotenv = "DATABASE_URL=" + url},
          Given{.dotenv = "DATABASE_URL=\"" + url}, Given{.config_file = "database-url = " + url},
          Given{.config_file = "database-url: " + url}, Given{.config_file = url},
          Given{.config_file = "/" + url}, Given{.config_file = "[" + url + "]"}}) {
      const std::string error = error_of(given);
      EXPECT_NE(error, "") << url;
      for (const char* part : {"SEC", "RET"}) EXPECT_EQ(error.find(part), std::string::npos) << error;
    }
  }
}

TEST(DatabaseSettings, name_the_setting_its_place_and_what_is_wrong_with_the_url) {
  EXPECT_EQ(error_of({.environment = {{"DATABASE_URL", "sqlite:memory"}}}),
            "DATABASE_URL: a database in memory is sqlite::memory:");
  EXPECT_EQ(error_of({.flags = {"--database-url", "sqlite3://f"}}),
            "--database-url: a file of SQLite is sqlite://relative/file or sqlite:///absolute/file");
  EXPECT_EQ(
      error_of({.dotenv = "DATABASE_URL=postgres://host?sslmode=on"}),
      "DATABASE_URL in .env: sslmode is one of disable, allow, prefer, require, verify-ca, verify-full");
  EXPECT_EQ(
      error_of({.environment = {{"DATABASE_URL", "\"none\""}}}).find("(the quotes are part of the value)"),
      error_of({.environment = {{"DATABASE_URL", "\"none\""}}}).size() - 34);
}

TEST(DatabaseSettings, warn_of_a_password_in_the_flag) {
  EXPECT_EQ(
      warnings_of({.flags = {"--database-url", with_password}}),
      Warnings{"--database-url: whoever may run ps sees the password; DATABASE_URL_FILE names a file that "
               "holds the URL, PGPASSFILE one that holds the password"});
  EXPECT_EQ(warnings_of({.flags = {"--database-url", "postgres://user@host"}}), Warnings{});
  EXPECT_EQ(warnings_of({.environment = {{"DATABASE_URL", with_password}}}), Warnings{});
}

TEST(DatabaseSettings, refuse_timeouts_in_the_wrong_order_and_name_both) {
  const std::string reason = ": it must be lower";
  EXPECT_EQ(error_of({.flags = {"--database-acquire-timeout", "6s"}}),
            "--database-acquire-timeout=6s contradicts DATABASE_STATEMENT_TIMEOUT=5s (the default)" + reason);
  EXPECT_EQ(
      error_of({.dotenv = "DATABASE_STATEMENT_TIMEOUT=1500ms"}),
      "DATABASE_ACQUIRE_TIMEOUT=2s (the default) contradicts DATABASE_STATEMENT_TIMEOUT=1500ms in .env" +
          reason);
  EXPECT_EQ(error_of({.flags = {"--handler-timeout", "7s"},
                      .environment = {{"DATABASE_STATEMENT_TIMEOUT", "7000ms"}}}),
            "DATABASE_STATEMENT_TIMEOUT=7000ms contradicts --handler-timeout=7s" + reason);
  EXPECT_EQ(error_of({.flags = {"--database-statement-timeout", "60s"}}),
            "--database-statement-timeout=60s contradicts HTTP_HANDLER_TIMEOUT=60s (the default)" + reason);
  EXPECT_EQ(error_of({.flags = {"--handler-timeout", "100ms", "--database-acquire-timeout", "1ms",
                                "--database-statement-timeout", "99ms"}}),
            "");
}

TEST(DatabaseSettings, have_defaults_that_give_way_to_a_short_handler_timeout) {
  const Config just_long_enough = settings({.flags = {"--handler-timeout", "5001ms"}});
  EXPECT_EQ(just_long_enough.database.statement_timeout, 5s);
  EXPECT_EQ(just_long_enough.database.acquire_timeout, 2s);
  const Config shorter = settings({.flags = {"--handler-timeout", "5s"}});
  EXPECT_EQ(shorter.database.statement_timeout, 2500ms);
  EXPECT_EQ(shorter.database.acquire_timeout, 1250ms);
  const Config shortest = settings({.flags = {"--handler-timeout", "1ms"}});
  EXPECT_EQ(shortest.database.statement_timeout, 5s) << "there is no room below it";
  for (const char* handler : {"1ms", "3ms", "4ms", "5ms", "100ms"}) {
    EXPECT_EQ(settings({.flags = {"--handler-timeout", handler}}).fault(), "") << handler;
  }
}

}  // namespace
}  // namespace chopin::cli
