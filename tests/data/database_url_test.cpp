#include "data/database_url.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace chopin::data {
namespace {

using Kind = DatabaseUrl::Kind;

std::string shown(std::string_view url) {
  return parse_database_url(url).shown;
}

/// The message; empty if the URL is taken.
std::string refusal(std::string_view url) {
  try {
    parse_database_url(url);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(DatabaseUrl, may_be_none_in_any_case) {
  for (const char* url : {"none", "None", "NONE"}) {
    EXPECT_EQ(parse_database_url(url).kind, Kind::none) << url;
    EXPECT_EQ(shown(url), "none");
  }
}

TEST(DatabaseUrl, names_a_database_in_memory) {
  const DatabaseUrl url = parse_database_url("sqlite::memory:");
  EXPECT_EQ(url.kind, Kind::sqlite_memory);
  EXPECT_EQ(url.target, "");
  EXPECT_EQ(url.shown, "sqlite::memory:");
}

TEST(DatabaseUrl, names_a_file_of_sqlite_relative_or_absolute) {
  EXPECT_EQ(parse_database_url("sqlite://data/items.db").target, "data/items.db");
  EXPECT_EQ(parse_database_url("sqlite:///var/lib/items.db").target, "/var/lib/items.db");
  EXPECT_EQ(parse_database_url("sqlite://my items%3F%25.db").target, "my items?%.db");
  EXPECT_EQ(parse_database_url("sqlite://data/items.db").kind, Kind::sqlite_file);
  EXPECT_EQ(shown("sqlite:///var/lib/items.db"), "sqlite:///var/lib/items.db");
}

TEST(DatabaseUrl, of_sqlite_needs_a_file_and_has_no_parameters) {
  EXPECT_TRUE(contains(refusal("sqlite://"), "the file's name is missing"));
  EXPECT_TRUE(contains(refusal("sqlite:///"), "the file's name is missing"));
  EXPECT_TRUE(contains(refusal("sqlite://folder/"), "the file's name is missing"));
  EXPECT_TRUE(contains(refusal("sqlite://items.db?mode=ro"), "%3F"));
  EXPECT_TRUE(contains(refusal("sqlite://items%2.db"), "% must be followed by two hexadecimal digits"));
  EXPECT_TRUE(contains(refusal("sqlite://items%00.db"), "% must be followed by two hexadecimal digits"));
}

TEST(DatabaseUrl, of_postgresql_is_left_whole_to_libpq) {
  for (const std::string url :
       {"postgres://", "postgresql://", "postgres://user@", "postgres://host", "postgres://host:5433",
        "postgresql:///name", "postgres://host/name?",
        "postgres://user:secret@host:5433/name?sslmode=require&connect_timeout=2",
        "postgres://user@[::1]:5433,[fe80::1]/name",
        "postgres://user@one,two:5433,three:5434/name?target_session_attrs=primary",
        "postgres://user:p%40s%2Fs@%2Frun%2Fpostgresql/name",
        "postgres:///name?host=/run/postgresql&port=5433", "postgres://host/name?ssl=true",
        "postgres://host?user=user&dbname=name", "postgres://host/name?options=-c%20search_path%3Dapp"}) {
    ASSERT_EQ(refusal(url), "") << url;
    EXPECT_EQ(parse_database_url(url).kind, Kind::postgres) << url;
    EXPECT_EQ(parse_database_url(url).target, url);
  }
}

TEST(DatabaseUrl, shows_who_connects_where_without_password_and_parameters) {
  EXPECT_EQ(shown("postgresql://user:secret@host:5433/name?sslmode=require"),
            "postgres://user@host:5433/name");
  EXPECT_EQ(shown("postgres://host/name?user=user&password=secret"), "postgres://user@host/name");
  EXPECT_EQ(shown("postgres://user@host/name?sslpassword=secret"), "postgres://user@host/name");
  EXPECT_EQ(shown("postgres://user:secret@one:1,two:2,[::1]:3/name"),
            "postgres://user@one:1,two:2,[::1]:3/name");
  EXPECT_EQ(shown("postgres://one,two:5433/name"), "postgres://one,two:5433/name");
  EXPECT_EQ(shown("postgres://u:secret@%2Frun%2Fpg:5433/name"), "postgres://u@:5433/name?host=/run/pg");
  EXPECT_EQ(shown("postgres:///name?host=/run/pg&password=secret"), "postgres:///name?host=/run/pg");
  EXPECT_EQ(shown("postgres:///name"), "postgres:///name");
  EXPECT_EQ(shown("postgres://a%40b:secret@h%0Aost/n%1b%2Fame"), "postgres://a%40b@h%0Aost/n%1B%2Fame");
}

TEST(DatabaseUrl, that_is_shown_names_the_same_place) {
  for (const char* url :
       {"postgres://u:secret@%2Frun%2Fpg:5433/name", "postgres://u@one:1,two:2,[::1]:3/name",
        "postgres:///name?host=/run/pg", "postgres://a%40b@host/n%2Fame"}) {
    EXPECT_EQ(shown(shown(url)), shown(url)) << url;
  }
}

TEST(DatabaseUrl, knows_whether_it_has_a_password) {
  for (const char* url : {"postgres://user:secret@host", "postgres://host?password=secret",
                          "postgres://host?pass%77ord=secret", "postgres://host?sslpassword=secret"}) {
    EXPECT_TRUE(parse_database_url(url).has_password) << url;
  }
  for (const char* url : {"postgres://user@host", "postgres://user:@host", "postgres://host?passfile=/f",
                          "sqlite::memory:", "sqlite://a:b", "none"}) {
    EXPECT_FALSE(parse_database_url(url).has_password) << url;
  }
}

TEST(DatabaseUrl, that_is_refused_never_quotes_the_password) {
  for (const std::string url : {"postgres://user:SECRET%@host/name",
                                "postgres://user:SECRET%zz@host",
                                "postgres://user:SEC RET@host",
                                "postgres://user:@SECRET@host/name",
                                "postgres://user:p/SECRET@host/name",
                                "postgres://user:1/SECRET@host/name",
                                "postgres://user:1?SECRET=1@host/name",
                                "postgres://user:p?SECRET@host/name",
                                "postgres://user:SECRET@host:port/name",
                                "postgres://user:SECRET/host/name",
                                "postgres://user:1/name?SECRET",
                                "postgres://user:SECRET",
                                "postgres://user:SECRET@host/name?nonsense=1",
                                "postgres://host/name?password=SECRET&nonsense=1",
                                "postgres://host/name?password=SECRET=",
                                "postgres://host/name?password=SECRET%",
                                "postgres:user:SECRET@host",
                                "postgres://host/name?passwrd=SECRET",
                                "postgres://host/name?SECRET",
                                "postgres://host/name?1SECRET=1",
                                "postgres://[SECRET/name",
                                "postgres://user:SECRET@[::1/name",
                                "postgres://user:SECRET@[::1]x/name",
                                "postgres://user:SECRET@host/name?sslmode=SECRET",
                                "postgres://user:SECRET@host?connect_timeout=SECRET",
                                "mysql://user:SECRET@host/name",
                                "user:SECRET@host",
                                "host=h password=SECRET",
                                "SECRET",
                                "jdbc:postgresql://user:SECRET@host/name",
                                "postgres://user:SECRET@h1/name?port=1,2\x01",
                                "postgresql+asyncpg://user:SECRET@host/name"}) {
    const std::string message = refusal(url);
    EXPECT_NE(message, "") << url;
    for (const char* part : {"SECRET", "SEC", "RET"}) EXPECT_FALSE(contains(message, part)) << message;
  }
}

TEST(DatabaseUrl, says_which_part_is_wrong) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"postgres://us%er@host", "in the user % must"},
      {"postgres://user:pass%word@host", "in the password % must"},
      {"postgres://user:pass%00word@host", "in the password % must"},
      {"postgres://ho%st", "in the host % must"},
      {"postgres://host:54%3", "in the port % must"},
      {"postgres://host/na%me", "in the database % must"},
      {"postgres://host?application_name=%", "in the value of a parameter % must"},
      {"postgres://host?application%name=a", "in the name of a parameter % must"},
      {"postgres://user:p@ss@host", "%40 for an at sign"},
      {"postgres://user:p/ss@host", "%2F for /"},
      {"postgres://user:p ss@host", "%20 for a space"},
      {"postgres://user:p#ss@host", "%23 for #"},
      {"postgres://host:5433x", "a port is a number in 1..65535"},
      {"postgres://host:0", "a port is a number in 1..65535"},
      {"postgres://host:65536", "a port is a number in 1..65535"},
      {"postgres://one:1,two:2?port=1,2,3", "there are 3 ports for 2 hosts"},
      {"postgres://one,two?hostaddr=127.0.0.1", "host and hostaddr"},
      {"postgres://::1/name", "a port is a number in 1..65535"},
      {"postgres://[]/name", "an IPv6 address is written [::1]"},
      {"postgres://[::1/name", "an IPv6 address is written [::1]"},
      {"postgres://[::1]5433/name", "after the ] of an IPv6 address"},
      {"postgres://host?application_name", "parameters are written name=value"},
      {"postgres://host?user=a=b", "= in a value is %3D"},
      {"postgres://host?user=a&", "parameters are written name=value"},
      {"postgres://host?User=a", "libpq has no parameter of such a name"},
      {"postgres://host?timeout=3", "libpq has no parameter timeout"},
      {"postgres://host?ssl=false", "libpq has no parameter ssl"},
      {"postgres://host?sslmode=on",
       "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full"},
      {"postgres://host?connect_timeout=2s", "connect_timeout is a number of seconds in 1..3600"},
      {"postgres://host?connect_timeout=0", "connect_timeout is a number of seconds in 1..3600"},
      {"postgres://host?keepalives_idle=2s", "keepalives_idle is a whole number"}};
  for (const auto& [url, part] : wrong) {
    EXPECT_TRUE(contains(refusal(url), part)) << url << ": " << refusal(url);
  }
}

TEST(DatabaseUrl, says_what_may_have_been_meant) {
  for (const char* url : {"mysql://root@host/name", "mariadb://host", "mongodb://host", "redis://host",
                          "postgis://host", "/var/lib/items.db", "memory", ""}) {
    EXPECT_TRUE(contains(refusal(url), "PostgreSQL and SQLite are supported: postgres://")) << url;
  }
  for (const char* url : {"sqlite:memory", "sqlite:memory:", "sqlite://:memory:", "sqlite3::memory:",
                          "SQLITE::MEMORY:", "sqlite::memory:?cache=shared"}) {
    EXPECT_EQ(refusal(url), "a database in memory is sqlite::memory:") << url;
  }
  for (const char* url : {"sqlite3://items.db", "sqlite:items.db", "sqlite:/items.db", "file:items.db"}) {
    EXPECT_EQ(refusal(url), "a file of SQLite is sqlite://relative/file or sqlite:///absolute/file") << url;
  }
  for (const char* url : {"postgres:/host", "POSTGRES://host", "postgresql+psycopg2://host"}) {
    EXPECT_TRUE(contains(refusal(url), "begins with postgres:// or postgresql://")) << url;
  }
  EXPECT_TRUE(contains(refusal("jdbc:postgresql://host/name"), "without jdbc:"));
  EXPECT_TRUE(contains(refusal("host=localhost dbname=name"), "give a URL instead of names and values"));
}

TEST(DatabaseUrl, has_a_largest_size_and_no_control_characters) {
  const std::string start = "postgres://host/";
  const std::string longest = start + std::string(DatabaseUrl::max_size - start.size(), 'n');
  EXPECT_EQ(refusal(longest), "");
  EXPECT_EQ(refusal(longest + "n"), "the URL is longer than 8192 bytes");
  using namespace std::string_view_literals;
  for (const std::string_view url : {"sqlite://a\nb"sv, "postgres://host\n"sv, "none\r"sv, "sqlite://a\0b"sv,
                                     "sqlite://a\tb"sv, "postgres://h\x7f"sv}) {
    EXPECT_EQ(refusal(url), "the URL has a control character");
  }
}

}  // namespace
}  // namespace chopin::data
