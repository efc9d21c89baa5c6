#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chopin/config.hpp"
#include "cli/sources.hpp"

namespace chopin::doctor {

/// How the program was built, and what serves its memory.
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

/// What the checklist judges beside the kernel's files.
struct Facts {
  /// Most connections that one of the project's benchmarks opens.
  static constexpr std::uint64_t benchmark_connections = 10'000;

  Config config;     ///< as the server would run with it
  cli::Flags flags;  ///< that were given for it; there may be other sources
  Build build;
  std::vector<unsigned> cpus;                ///< that the process may use
  std::size_t workers = 1;                   ///< that the server would start
  std::optional<OpenFileLimits> open_files;  ///< nothing where the kernel does not say
  bool is_root = false;
  bool may_raise_hard_limits = false;  ///< CAP_SYS_RESOURCE, which root in a container mostly lacks
  std::string shared_port_fault;       ///< why no port can be shared; empty where one can

  [[nodiscard]] std::uint64_t connections_wanted() const noexcept {
    return config.max_connections > 0 ? config.max_connections : benchmark_connections;
  }
};

/// Asks the process and its kernel. `allocator`: the one in use, with its version.
Facts gather_facts(const Config& config, cli::Flags flags, std::string allocator);

}  // namespace chopin::doctor
