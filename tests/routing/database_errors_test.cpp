// What a request gets, and what the log says, when a handler lets an error of the database pass.
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "chopin/database_error.hpp"
#include "chopin/local_client.hpp"
#include "harness/log_collector.hpp"

namespace chopin {
namespace {

struct Seen {
  LocalClient::Received response;
  std::vector<std::string> log;
};

Seen throwing(const std::string& sqlstate) {
  Router router;
  router.get("/", [sqlstate](const Request&, Response&) { throw DatabaseError(sqlstate, "in \"t\""); });
  test::LogCollector log;
  Seen seen;
  {
    LocalClient client(std::move(router), Mode::standard, log.sink());
    seen.response = client.get("/");
  }
  seen.log = log.lines();
  return seen;
}

TEST(DatabaseErrors, of_status_500_have_a_code_of_their_own_and_are_logged_with_what_clients_do_not_see) {
  const Seen seen = throwing("42P01");
  EXPECT_EQ(seen.response.status, 500);
  EXPECT_EQ(seen.response.body, R"({"success":false,"error":{"code":"DATABASE_ERROR",)"
                                R"("message":"the database refused the statement"}})");
  ASSERT_EQ(seen.log.size(), 1U);
  EXPECT_EQ(seen.log.front(),
            "error the database failed method=GET target=/ "
            "error=\"the database refused the statement\" sqlstate=42P01 "
            "detail=\"in \\\"t\\\"\" status=500");
}

TEST(DatabaseErrors, that_pass_by_themselves_are_logged_as_warnings_and_say_when_to_come_back) {
  const Seen seen = throwing("08006");
  EXPECT_EQ(seen.response.status, 503);
  EXPECT_EQ(seen.response.field("Retry-After"), "1");
  EXPECT_EQ(seen.response.body, R"({"success":false,"error":{"code":"SERVICE_UNAVAILABLE",)"
                                R"("message":"the database cannot be reached"}})");
  ASSERT_EQ(seen.log.size(), 1U);
  EXPECT_TRUE(seen.log.front().starts_with("warn the database failed ")) << seen.log.front();
  EXPECT_NE(seen.log.front().find("sqlstate=08006"), std::string::npos) << seen.log.front();
}

TEST(DatabaseErrors, that_every_request_meets_are_not_all_logged) {
  Router router;
  router.get("/", [](const Request&, Response&) { throw DatabaseError("08001", "refused"); });
  test::LogCollector log;
  std::thread worker([&] {  // the limit is a worker's
    LocalClient client(std::move(router), Mode::standard, log.sink());
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(client.get("/").status, 503);
  });
  worker.join();
  EXPECT_GE(log.count("warn the database failed method="), 10U);
  EXPECT_LE(log.count("warn the database failed method="), 100U);  // the clock passes seconds
}

TEST(DatabaseErrors, of_the_client_are_not_logged) {
  const Seen seen = throwing("23505");
  EXPECT_EQ(seen.response.status, 409);
  EXPECT_EQ(seen.response.body,
            R"({"success":false,"error":{"code":"CONFLICT","message":"it exists already"}})");
  EXPECT_TRUE(seen.log.empty());
}

}  // namespace
}  // namespace chopin
