#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include "allocator.hpp"
#include "app/routes.hpp"
#include "app/schema.hpp"
#include "chopin/server.hpp"
#include "cli/banner.hpp"
#include "cli/command_line.hpp"
#include "cli/failure.hpp"
#include "cli/migrate.hpp"
#include "cli/standard_streams.hpp"
#include "doctor/checklist.hpp"

namespace {

constexpr int exit_warnings = 1;
constexpr int exit_runtime_failure = 1;
constexpr int exit_usage = 2;

/// For a text that is all that was asked for.
void print_or_fail(const std::string& text) {
  errno = 0;
  std::cout << text << std::flush;
  if (!std::cout) throw std::system_error(errno, std::generic_category(), "stdout");
}

/// A server without a reader of its stdout serves all the same.
void print_banner(const chopin::Server& server) {
  constexpr std::chrono::milliseconds patience{500};
  chopin::cli::write_within(STDOUT_FILENO, chopin::cli::banner(server, chopin::allocator_in_use()), patience);
}

void serve(const chopin::cli::ServerWanted& wanted) {
  chopin::cli::remove_leftover_databases();
  chopin::Router router =
      chopin::app::benchmark_server(wanted.config);  // may migrate, which a signal may end
  chopin::cli::hold_stop_signals();
  std::vector<std::string> warnings = wanted.warnings;
  for (std::string& warning : chopin::app::start_warnings(wanted.config))
    warnings.push_back(std::move(warning));
  chopin::Server server(wanted.config, std::move(router));
  const bool has_ended = server.run([&] {
    print_banner(server);
    for (const std::string& warning : warnings) server.log().warn(warning);
  });
  if (!has_ended) server.end_process(exit_runtime_failure);
}

int examine(const chopin::cli::DoctorWanted& doctor) {
  const chopin::doctor::Checklist checklist(
      chopin::doctor::gather_facts(doctor.config, doctor.flags, chopin::allocator_in_use()));
  print_or_fail(doctor.as_json ? checklist.json() : checklist.text());
  return checklist.count(chopin::doctor::Verdict::warning) > 0 ? exit_warnings : EXIT_SUCCESS;
}

void migrate(const chopin::cli::MigrationWanted& wanted) {
  for (const std::string& warning : wanted.warnings) std::cerr << "chopin: " + warning + '\n';
  print_or_fail(chopin::cli::migrate(wanted.config.database, chopin::app::schema(), wanted.seed));
}

int run(int argc, const char* const* argv) {
  const auto command_line =
      chopin::cli::read_command_line(argc, argv, chopin::cli::process_environment(), ".");
  if (const auto* help = std::get_if<chopin::cli::HelpWanted>(&command_line)) {
    print_or_fail(help->text);
  } else if (const auto* version = std::get_if<chopin::cli::VersionWanted>(&command_line)) {
    print_or_fail(chopin::cli::version_text(version->response_class, chopin::allocator_in_use()));
  } else if (const auto* doctor = std::get_if<chopin::cli::DoctorWanted>(&command_line)) {
    return examine(*doctor);
  } else if (const auto* migration = std::get_if<chopin::cli::MigrationWanted>(&command_line)) {
    migrate(*migration);
  } else {
    serve(std::get<chopin::cli::ServerWanted>(command_line));
  }
  return EXIT_SUCCESS;
}

/// Standard error has one format from the start.
int fail(int argc, const char* const* argv, const std::exception& error, int status) {
  const chopin::LogFormat format =
      chopin::cli::log_format_of(argc, argv, chopin::cli::process_environment(), ".");
  std::cerr << chopin::cli::failure_line(format, chopin::cli::failure_message(error)) + '\n';
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  chopin::cli::open_missing_standard_streams();
  chopin::configure_allocator();
  try {
    return run(argc, argv);
  } catch (const chopin::SettingsError& error) {
    return fail(argc, argv, error, exit_usage);
  } catch (const std::exception& error) {
    return fail(argc, argv, error, exit_runtime_failure);
  }
}
