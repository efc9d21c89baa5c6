#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/config.hpp"
#include "cli/sources.hpp"
#include "data/postgres/server_facts.hpp"

namespace chopin::doctor {

/// How the program was built, and its allocator.
struct Build {
  std::string_view type;  ///< "Release"
  bool link_time_optimization = false;
  bool native = false;
  std::string allocator;  ///< with its version
};

struct OpenFileLimits {
  static constexpr std::uint64_t none = UINT64_MAX;

  std::uint64_t soft = none;
  std::uint64_t hard = none;
};

struct DatabaseFacts {
  std::string shown;  ///< the URL without its password
  bool is_postgres = false;
  std::string libpq{};                                  ///< its version
  std::optional<data::postgres::ServerFacts> server{};  ///< nullopt if it is not PostgreSQL, or not reached
  std::string fault{};                                  ///< why it was not
};

/// What the checklist judges besides the kernel's files.
struct Facts {
  /// The most connections that a benchmark of the project opens.
  static constexpr std::uint64_t benchmark_connections = 10'000;

  Config config;     ///< the server would run with these settings
  cli::Flags flags;  ///< the flags given; settings may have other sources too
  Build build;
  std::vector<unsigned> cpus;                ///< the process may use these
  std::size_t workers = 1;                   ///< the server would start as many
  std::optional<OpenFileLimits> open_files;  ///< nullopt if the kernel does not say
  bool is_root = false;
  bool may_raise_hard_limits = false;  ///< CAP_SYS_RESOURCE, which root in a container usually lacks
  std::string shared_port_fault;       ///< why no port can be shared; empty if it can
  DatabaseFacts database;

  [[nodiscard]] std::uint64_t connections_wanted() const noexcept {
    return config.max_connections > 0 ? config.max_connections : benchmark_connections;
  }
};

/// Reads the facts of this process and its kernel, and asks PostgreSQL, for some seconds if it does not
/// respond. `allocator`: the one in use, with its version.
Facts gather_facts(const Config& config, cli::Flags flags, std::string allocator);

}  // namespace chopin::doctor
