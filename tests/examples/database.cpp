// Accounts in a database, which DATABASE_URL names: a query, and a transaction.
#include <chopin/database.hpp>
#include <chopin/server.hpp>
#include <chopin/settings.hpp>
#include <exception>
#include <iostream>
#include <string>

namespace {

using chopin::Request, chopin::Response, chopin::Row, chopin::Statement, chopin::Task;

const Statement<Row<>(std::int64_t, std::string_view)> add(
    "UPDATE accounts SET balance = balance + $1 WHERE name = $2");

chopin::Schema tables() {
  const std::string sql =
      "CREATE TABLE accounts (name text PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0));"
      "INSERT INTO accounts VALUES ('anna', 100), ('ben', 0);";
  return {.migrations = {{1, "accounts", {sql, sql}}}};
}

const Statement<Row<std::int64_t>(std::string_view)> find_balance(
    "SELECT balance FROM accounts WHERE name = $1", {.bounded = true});

Task<> balance(const Request& request, Response& response) {
  const auto rows = co_await request.worker<chopin::Database>().query(find_balance(request.param("name")));
  if (rows.empty()) throw chopin::HttpError(404, "no such account");
  const auto [amount] = rows.front();
  response.json().begin_object().member("balance", amount).end_object();
}

/// Where there is not so much the database refuses it by its CHECK, which is a 422, and nothing has changed.
Task<> transfer(const Request& request, Response& response) {
  std::string from;
  std::string to;
  std::int64_t amount = 0;
  request.json().required("from", from).required("to", to).required("amount", amount).check();
  if (amount <= 0) throw chopin::HttpError(422, "the amount must be positive");
  co_await request.worker<chopin::Database>().transaction([&](chopin::Transaction& transaction) -> Task<> {
    const auto given = co_await transaction.query(add(amount, to));
    const auto taken = co_await transaction.query(add(-amount, from));
    if (given.affected() + taken.affected() != 2) throw chopin::HttpError(404, "no such account");
  });
  response.no_content();
}

}  // namespace

int main(int argc, char** argv) try {
  const chopin::Config config = chopin::read_settings(argc, argv).config;
  chopin::Router router;
  router.per_worker<chopin::Database>(chopin::Database::maker(config.database, tables()));
  router.get("/accounts/{name}", balance).post("/transfers", transfer);
  chopin::Server(config, std::move(router)).run();
} catch (const std::exception& error) {
  std::cerr << "database: " << error.what() << '\n';
  return 1;
}
