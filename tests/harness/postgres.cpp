#include "harness/postgres.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace chopin::test {
namespace {

// The script has limits of its own, and says more when it reaches them.
constexpr int most_milliseconds = 90'000;

void add_fact(PostgresFacts& facts, const std::string& line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string::npos) throw std::runtime_error("PostgreSQL for the tests: " + line);
  facts[line.substr(0, equals)] = line.substr(equals + 1);
}

PostgresFacts read_facts() {
  std::ifstream file(CHOPIN_POSTGRES_STATE "/facts");
  if (!file) {
    throw std::runtime_error(
        "PostgreSQL does not run: start the tests by ctest, or around them\n  " CHOPIN_POSTGRES_SERVER
        " run " CHOPIN_POSTGRES_STATE " COMMAND");
  }
  PostgresFacts facts;
  for (std::string line; std::getline(file, line);) add_fact(facts, line);
  return facts;
}

std::string one_word(const PGresult* result, int row, int column) {
  return PQgetisnull(result, row, column) == 1 ? "NULL" : PQgetvalue(result, row, column);
}

}  // namespace

const PostgresFacts& postgres() {
  static const PostgresFacts facts = read_facts();
  return facts;
}

// ---- PlainConnection
// ----------------------------------------------------------------------------------------------

PlainConnection::PlainConnection(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
}

std::vector<std::vector<std::string>> PlainConnection::query(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
  std::vector<std::vector<std::string>> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    std::vector<std::string>& values = rows.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      values.push_back(one_word(result.get(), row, column));
    }
  }
  return rows;
}

std::string PlainConnection::value(const std::string& sql) {
  const auto rows = query(sql);
  if (rows.size() != 1 || rows[0].size() != 1) throw std::runtime_error("not one value: " + sql);
  return rows[0][0];
}

// ---- OwnDatabase
// --------------------------------------------------------------------------------------------------

OwnDatabase::OwnDatabase() {
  static std::atomic<unsigned> count{0};
  name_ = "test_" + std::to_string(getpid()) + "_" + std::to_string(count++);
  PlainConnection(postgres().at("superuser_url")).query("CREATE DATABASE " + name_ + " OWNER chopin");
}

OwnDatabase::~OwnDatabase() {
  try {
    PlainConnection(postgres().at("superuser_url")).query("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::runtime_error&) {  // the server has gone, and takes it along
  }
}

std::string OwnDatabase::url(const std::string& fact) const {
  std::string url = postgres().at(fact);
  const std::size_t path = url.find('/', url.find('@'));
  return url.replace(path + 1, url.find('?') - path - 1, name_);
}

bool OwnDatabase::ends(const std::string& text) const {
  PlainConnection observer(url());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    const std::string running = observer.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
        "AND pid <> pg_backend_pid() AND query LIKE '%" +
        text + "%'");
    if (running == "0") return true;
  }
  return false;
}

// ---- OwnPostgres
// --------------------------------------------------------------------------------------------------

OwnPostgres::OwnPostgres() {
  std::array<int, 2> commands{};
  std::array<int, 2> replies{};
  if (pipe2(commands.data(), O_CLOEXEC) != 0 || pipe2(replies.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe2");
  }
  to_ = commands[1];
  from_ = replies[0];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, commands[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, replies[1], STDOUT_FILENO);
  std::array<std::string, 4> words{"postgres_server", "own", CHOPIN_POSTGRES_STATE};
  std::array<char*, 4> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
  const int failure = posix_spawn(&pid_, CHOPIN_POSTGRES_SERVER, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(commands[0]);
  close(replies[1]);
  if (failure != 0) throw std::runtime_error("cannot run " CHOPIN_POSTGRES_SERVER);
  for (std::string line = read_line(); !line.empty(); line = read_line()) add_fact(facts_, line);
}

OwnPostgres::~OwnPostgres() {
  close(to_);  // it ends by that
  close(from_);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

void OwnPostgres::command(const std::string& line) {
  const std::string bytes = line + "\n";
  if (write(to_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("PostgreSQL for this test has ended");
  }
  if (const std::string reply = read_line(); reply != "ok") {
    throw std::runtime_error("PostgreSQL for this test, " + line + ": " + reply);
  }
}

std::string OwnPostgres::read_line() {
  std::size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos) {
    pollfd waiting{from_, POLLIN, 0};
    std::array<char, 4096> bytes{};
    const ssize_t size =
        poll(&waiting, 1, most_milliseconds) == 1 ? read(from_, bytes.data(), bytes.size()) : 0;
    if (size <= 0) throw std::runtime_error("PostgreSQL for this test says nothing: see the output above");
    received_.append(bytes.data(), static_cast<std::size_t>(size));
  }
  const std::string line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

}  // namespace chopin::test
